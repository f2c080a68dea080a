package io.fuseline.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "budgets",
    description =
        "Shows the budgets that hold for a run or scope: what is spent, promised and left, and when it ends at the present pace.")
final class BudgetsCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "TYPE",
      description =
          "Whose budgets: run, agent, team, project, workflow, cost-centre, tenant, tool or model.")
  private String type;

  @Parameters(
      index = "1",
      paramLabel = "ID",
      description = "The id of the root run, the agent, the team and so on.")
  private String scope;

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      description = "Whose it is. Default: the tenant of spans that name none.")
  private String tenant;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8420",
      description = "A pipeline's HTTP address; any instance will do. Default: ${DEFAULT-VALUE}")
  private String url;

  @Option(names = "--json", description = "The answer of the HTTP interface, as it is.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    HttpResponse<String> response = get();
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer = new ObjectMapper().readTree(response.body());
    if (response.statusCode() == 400) {
      throw new ParameterException(spec.commandLine(), answer.path("detail").asText());
    }
    if (response.statusCode() != 200) {
      throw new UnreachableException(
          "%s answered %d: %s"
              .formatted(url, response.statusCode(), answer.path("detail").asText()),
          null);
    }
    if (json) {
      out.println(response.body());
    } else if (answer.path("budgets").isEmpty()) {
      out.println("No budget holds for " + type + " " + scope + ".");
    } else {
      table(answer).print(out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private HttpResponse<String> get() throws InterruptedException {
    try {
      URI address =
          URI.create(
              url.replaceAll("/$", "")
                  + "/v1/budgets?scope_type="
                  + encoded(type)
                  + "&scope="
                  + encoded(scope)
                  + (tenant == null ? "" : "&tenant=" + encoded(tenant)));
      return HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .build()
          .send(HttpRequest.newBuilder(address).timeout(PATIENCE).build(), BodyHandlers.ofString());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--url is '" + url + "'; give an address such as http://127.0.0.1:8420",
          e);
    } catch (IOException e) {
      throw new UnreachableException(
          "No pipeline answers at " + url + ". Is it running? --url sets another address.", e);
    }
  }

  private static Table table(JsonNode answer) {
    Table table =
        new Table(
            "POLICY",
            "MODE",
            "WINDOW",
            ">SPEND",
            ">LIMIT",
            ">RESERVED",
            ">HEADROOM",
            "UNIT",
            ">PER HOUR",
            "ENDS",
            "RESET");
    for (JsonNode budget : answer.path("budgets")) {
      boolean ofARunBelow = !budget.path("target").asText().equals(answer.path("target").asText());
      table.row(
          budget.path("policyId").asText()
              + (ofARunBelow ? " (" + budget.path("target").asText() + ")" : ""),
          lower(budget.path("mode")),
          lower(budget.path("window")),
          budget.path("spend").asText(),
          budget.path("limit").asText(),
          budget.path("reserved").asText(),
          budget.path("headroom").asText(),
          budget.path("unit").asText(),
          orDash(budget.path("pacePerHour")),
          orDash(budget.path("endsAt")),
          orDash(budget.path("reset")));
    }
    return table;
  }

  private static String lower(JsonNode text) {
    String all = text.asText();
    int zone = all.indexOf(' ');
    String name = zone < 0 ? all : all.substring(0, zone);
    return name.toLowerCase(Locale.ROOT) + (zone < 0 ? "" : all.substring(zone));
  }

  private static String orDash(JsonNode value) {
    return value.isNull() ? "-" : value.asText();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
