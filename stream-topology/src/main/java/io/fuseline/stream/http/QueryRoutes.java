package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import io.fuseline.stream.query.CostQueries.Span;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** The questions of {@link CostQueries} as routes below one prefix. */
final class QueryRoutes {
  static final String PUBLIC = "/v1";

  /**
   * What instances ask each other: answered from this instance's own stores, and not retried here.
   */
  static final String INTERNAL = "/internal/v1";

  /** The tenant of spans that name none. */
  static final String DEFAULT_TENANT = "default";

  /** A week of minutes, or 27 years of days. */
  private static final long MOST_WINDOWS = 10_080;

  private static final int DEFAULT_LIMIT = 20;
  private static final int MOST_VALUES = 1_000;

  private final CostQueries queries;
  private final Patience patience;
  private final Clock clock;

  QueryRoutes(CostQueries queries, Patience patience, Clock clock) {
    this.queries = queries;
    this.patience = patience;
    this.clock = clock;
  }

  void register(RoutesConfig routes, String prefix) {
    routes.get(prefix + "/costs/{dimension}/{value}", this::costs);
    routes.get(prefix + "/top/{dimension}", this::topSpenders);
    routes.get(prefix + "/runs/{rootRunId}", this::run);
    routes.get(prefix + "/episodes", this::openEpisodes);
    routes.get(prefix + "/budgets", this::budgets);
    routes.get(prefix + "/commands/open", this::openCommands);
  }

  private void costs(Context context) {
    var parameters = Parameters.of(context, Set.of("tenant", "window", "from", "to"));
    Dimension dimension = parameters.pathChoice("dimension", WireNames.DIMENSIONS);
    String value = parameters.path("value");
    String tenant =
        parameters.text("tenant").orElse(dimension == Dimension.TENANT ? value : DEFAULT_TENANT);
    WindowSize window = parameters.choice("window", WireNames.WINDOWS, WindowSize.MINUTE);
    Instant now = clock.instant();
    Instant to = parameters.time("to", now, now);
    Instant from = parameters.time("from", now, to.minus(usualRange(window)));
    checkRange(from, to, window);
    answer(context, patience.ask(() -> queries.costs(dimension, tenant, value, window, from, to)));
  }

  private void topSpenders(Context context) {
    var parameters = Parameters.of(context, Set.of("tenant", "by", "limit"));
    Dimension dimension = parameters.pathChoice("dimension", WireNames.DIMENSIONS);
    String tenant = parameters.text("tenant").orElse(null);
    Span by = parameters.choice("by", WireNames.SPANS, Span.DAY);
    int limit = parameters.number("limit", 1, MOST_VALUES, DEFAULT_LIMIT);
    answer(context, patience.ask(() -> queries.topSpenders(dimension, tenant, by, limit)));
  }

  private void run(Context context) {
    var parameters = Parameters.of(context, Set.of());
    String rootRunId = parameters.path("rootRunId");
    var run = patience.ask(() -> queries.run(rootRunId));
    answer(
        context,
        run.orElseThrow(
            () ->
                new Problem(
                        Problem.Kind.UNKNOWN_RUN,
                        "No state is held for root run '" + rootRunId + "'.",
                        "Check that it is the id of a root run, not of a run below it. A run that"
                            + " has just begun appears with its first span; one that ended is"
                            + " forgotten after its retention.")
                    .with("rootRunId", rootRunId)));
  }

  private void openEpisodes(Context context) {
    var parameters = Parameters.of(context, Set.of("limit"));
    int limit = parameters.number("limit", 1, MOST_VALUES, DEFAULT_LIMIT);
    answer(context, patience.ask(() -> queries.openEpisodes(limit)));
  }

  private void budgets(Context context) {
    var parameters = Parameters.of(context, Set.of("scope_type", "scope", "tenant"));
    TargetType type = parameters.choice("scope_type", WireNames.TARGETS, TargetType.OTHER);
    String scope = parameters.text("scope").orElse("");
    if (type == TargetType.OTHER || scope.isEmpty()) {
      String missing = type == TargetType.OTHER ? "scope_type" : "scope";
      throw Problem.badParameter(
          missing,
          "",
          missing.equals("scope")
              ? "the id of the run, agent, team and so on"
              : "one of " + WireNames.TARGETS.choices());
    }
    String tenant =
        parameters.text("tenant").orElse(type == TargetType.TENANT ? scope : DEFAULT_TENANT);
    answer(context, patience.ask(() -> queries.budgets(type, tenant, scope)));
  }

  private void openCommands(Context context) {
    var parameters = Parameters.of(context, Set.of("limit"));
    int limit = parameters.number("limit", 1, MOST_VALUES, DEFAULT_LIMIT);
    answer(context, patience.ask(() -> queries.openCommands(limit)));
  }

  private void answer(Context context, Record answer) {
    context.contentType(Json.CONTENT_TYPE).result(Json.writeAnswer(queries.currency(), answer));
  }

  private static void checkRange(Instant from, Instant to, WindowSize window) {
    if (!from.isBefore(to)) {
      throw Problem.badParameter("from", from.toString(), "a time before 'to', which is " + to);
    }
    long windows = Duration.between(from, to).dividedBy(length(window));
    if (windows > MOST_WINDOWS) {
      throw Problem.badParameter(
          "from",
          from.toString(),
          "at most "
              + MOST_WINDOWS
              + " windows of "
              + WireNames.WINDOWS.name(window)
              + " before 'to', which is "
              + to);
    }
  }

  /** What a chart of such windows usually shows. */
  private static Duration usualRange(WindowSize window) {
    return switch (window) {
      case HOUR -> Duration.ofDays(1);
      case DAY -> Duration.ofDays(30);
      default -> Duration.ofHours(1);
    };
  }

  private static Duration length(WindowSize window) {
    return switch (window) {
      case HOUR -> Duration.ofHours(1);
      case DAY -> Duration.ofDays(1);
      default -> Duration.ofMinutes(1);
    };
  }
}
