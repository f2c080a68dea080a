package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** The answers of one other instance; see {@link InstanceClient}. */
final class RemoteCostQueries implements CostQueries {
  private final OtherInstance instance;
  private final String currency;

  RemoteCostQueries(OtherInstance instance, String currency) {
    this.instance = instance;
    this.currency = currency;
  }

  @Override
  public String currency() {
    return currency;
  }

  @Override
  public Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to) {
    String path = "/costs/" + WireNames.DIMENSIONS.name(dimension) + "/" + encoded(value);
    String query =
        "?tenant="
            + encoded(tenant)
            + "&window="
            + WireNames.WINDOWS.name(window)
            + "&from="
            + from
            + "&to="
            + to;
    return known(ask(path + query, Series.class));
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    String path = "/top/" + WireNames.DIMENSIONS.name(dimension);
    String query = "?by=" + WireNames.SPANS.name(span) + "&limit=" + limit;
    return known(
        ask(path + query + (tenant == null ? "" : "&tenant=" + encoded(tenant)), Ranking.class));
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    return ask("/runs/" + encoded(rootRunId), RunView.class);
  }

  @Override
  public Episodes openEpisodes(int limit) {
    return known(ask("/episodes?limit=" + limit, Episodes.class));
  }

  @Override
  public OpenCommands openCommands(int limit) {
    return known(ask("/commands/open?limit=" + limit, OpenCommands.class));
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    return known(
        ask(
            "/budgets?scope_type="
                + WireNames.TARGETS.name(type)
                + "&scope="
                + encoded(scope)
                + "&tenant="
                + encoded(tenant),
            Budgets.class));
  }

  /** Empty when the instance does not know the run that was asked for. */
  private <T extends Record> Optional<T> ask(String question, Class<T> type) {
    HttpRequest request = instance.request(QueryRoutes.INTERNAL + question).build();
    HttpResponse<byte[]> response = instance.send(request);
    if (response.statusCode() == 200) {
      return Optional.of(read(response.body(), type));
    }
    String problem = Json.problemType(response.body());
    if (problem.equals(Problem.Kind.UNKNOWN_RUN.type())) {
      return Optional.empty();
    }
    if (response.statusCode() >= 500) {
      throw new StoreUnavailable(
          "Instance "
              + instance
              + " answered "
              + response.statusCode()
              + " "
              + problem
              + " to "
              + question,
          null);
    }
    throw new IllegalStateException(
        "Instance "
            + instance
            + " refused "
            + question
            + " with "
            + response.statusCode()
            + " "
            + problem
            + "; check that application.server names a Fuseline instance of the same version");
  }

  private <T extends Record> T read(byte[] body, Class<T> type) {
    try {
      return Json.readAnswer(body, currency, type);
    } catch (IOException e) {
      throw new IllegalStateException(
          "Instance " + instance + " gave no usable answer: " + e.getMessage(), e);
    }
  }

  private <T> T known(Optional<T> answer) {
    return answer.orElseThrow(
        () ->
            new IllegalStateException(
                "Instance " + instance + " answered a question about a run that was not asked"));
  }

  /** For path and query alike; dots too, since '.' and '..' would be taken as steps of the path. */
  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace(".", "%2E");
  }
}
