package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.schemas.Dimension;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.admission.Decision;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import io.javalin.Javalin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.state.HostInfo;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionRoutesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final ExampleAdmission desk = new ExampleAdmission();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Javalin server;

  @BeforeEach
  void start() {
    AdmissionRoutes routes =
        new AdmissionRoutes(
            desk,
            desk,
            new FuselineMetrics(meters, "USD").admission(),
            new HttpSettings("127.0.0.1", 0, Set.of(), Duration.ZERO),
            Clock.systemUTC(),
            "USD");
    server =
        Javalin.create(
                config -> {
                  routes.register(config.routes);
                  HttpServer.explainErrors(config.routes);
                })
            .start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void shouldAskWhatWasSentAndTellWhatIsLeft() throws Exception {
    HttpResponse<String> response =
        post(
            "/v1/admission",
            """
            {"tenant": "acme", "root_run_id": "r-1", "run_id": "r-2", "agent_id": "support",
             "team": "blue", "cost_center": "cc-7", "tool": "search", "action_value": "12000",
             "estimate": "0.18", "holder": "host-7", "lease": "0.50", "lease_id": "lease-0",
             "used": "0.36"}
            """);
    assertThat(response.statusCode()).isEqualTo(200);
    Ask asked = desk.asked;
    assertThat(asked.subject().tenant()).isEqualTo("acme");
    assertThat(asked.subject().agent()).isEqualTo("support");
    assertThat(asked.subject().team()).isEqualTo("blue");
    assertThat(asked.subject().costCentre()).isEqualTo("cc-7");
    assertThat(asked.subject().tool()).isEqualTo("search");
    assertThat(asked.rootRunId()).isEqualTo("r-1");
    assertThat(asked.runId()).isEqualTo("r-2");
    assertThat(asked.estimate()).isEqualTo(18 * ExampleAdmission.CENT);
    assertThat(asked.actionValue()).isEqualTo(1_200_000 * ExampleAdmission.CENT);
    assertThat(asked.lease()).isEqualTo(50 * ExampleAdmission.CENT);
    assertThat(asked.returned()).isEqualTo("lease-0");
    assertThat(asked.used()).isEqualTo(36 * ExampleAdmission.CENT);

    JsonNode answer = JSON.readTree(response.body());
    assertThat(answer.path("decision").asText()).isEqualTo("ALLOW");
    assertThat(answer.path("headroom").asText()).isEqualTo("0.6");
    assertThat(answer.path("binding").path("scope_type").asText()).isEqualTo("RUN");
    assertThat(answer.path("binding").path("limit").asText()).isEqualTo("1");
    assertThat(answer.path("binding").path("reset").isNull()).isTrue();
    assertThat(answer.path("lease").path("amount").asText()).isEqualTo("0.5");
    assertThat(answer.path("lease").path("lease_id").asText()).isEqualTo(asked.grantId());
    assertThat(answer.path("lease").path("ttl_ms").asLong()).isPositive();
    assertThat(answer.path("control").asText()).isEqualTo("OK");
    assertThat(meters.get("fuseline.admissions").tag("decision", "allow").counter().count())
        .isEqualTo(1);
  }

  @Test
  void shouldTellCapsAndWhatLedToThemWhenTheCallIsThrottled() throws Exception {
    JsonNode answer = JSON.readTree(ask("throttled").body());
    assertThat(answer.path("decision").asText()).isEqualTo("THROTTLE");
    assertThat(answer.path("caps").path("max_tokens").asLong()).isEqualTo(1000);
    assertThat(answer.path("caps").path("tool_allowlist").get(0).asText()).isEqualTo("search");
    assertThat(answer.path("command_id").asText()).isEqualTo("cmd-1");
  }

  @Test
  void shouldSayWhenToAskAgainWhenAPersonMustAgree() throws Exception {
    JsonNode answer = JSON.readTree(ask("approval").body());
    assertThat(answer.path("decision").asText()).isEqualTo("NEEDS_APPROVAL");
    assertThat(answer.path("retry_after_ms").asLong()).isPositive();
  }

  @Test
  void shouldRefuseWithScopeSpendLimitAndResetWhenABudgetWouldBeReached() throws Exception {
    HttpResponse<String> response = ask("exhausted");
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:budget-exhausted");
    assertThat(problem.path("decision").asText()).isEqualTo("DENY");
    assertThat(problem.path("scope").asText()).isEqualTo("support");
    assertThat(problem.path("spend").asText()).isEqualTo("0.99");
    assertThat(problem.path("limit").asText()).isEqualTo("1");
    assertThat(problem.path("reset").asText()).isEqualTo("2100-01-01T00:00:00Z");
  }

  @Test
  void shouldNameTheCommandWhenTheRunWasToldToStop() throws Exception {
    HttpResponse<String> response = ask("stopped");
    assertThat(response.statusCode()).isEqualTo(429);
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:stopped");
    assertThat(problem.path("command_id").asText()).isEqualTo("cmd-7");
  }

  @Test
  void shouldGiveNoAnswerWhenThereIsNone() throws Exception {
    assertThat(ask("blind").statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(ask("blind").body()).path("type").asText())
        .isEqualTo("urn:fuseline:problem:control-blind");
    assertThat(ask("moving").statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"root_run_id\": \"r\"}|estimate",
        "{\"estimate\": \"1\"}|root_run_id",
        "{\"root_run_id\": \"r\", \"estimate\": 0.18}|estimate",
        "{\"root_run_id\": \"r\", \"estimate\": \"-1\"}|estimate",
        "{\"root_run_id\": \"r\", \"estimate\": \"1e3\"}|estimate",
        "{\"root_run_id\": \"r\", \"estimate\": \"9000001\"}|estimate",
        "{\"root_run_id\": \"r\", \"estimate\": \"1\", \"lease\": \"1\"}|holder",
        "{\"root_run_id\": \"r\", \"estimate\": \"1\", \"currency\": \"EUR\"}|currency",
        "{\"root_run_id\": \"r\", \"estimate\": \"1\", \"colour\": \"red\"}|colour",
        "{\"root_run_id\": \"\", \"estimate\": \"1\"}|root_run_id"
      })
  void shouldNameTheFieldWhenItIsWrong(String body, String field) throws Exception {
    HttpResponse<String> response = post("/v1/admission", body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).path("parameter").asText()).isEqualTo(field);
    assertThat(desk.asked).isNull();
  }

  @Test
  void shouldRefuseWhatAForeignPageCouldSend() throws Exception {
    HttpRequest request =
        request("/v1/admission")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("{}"))
            .build();
    assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(415);
    assertThat(post("/v1/admission", "nonsense").statusCode()).isEqualTo(400);
  }

  @Test
  void shouldGiveALeaseBack() throws Exception {
    HttpResponse<String> response =
        post(
            "/v1/admission/release",
            """
            {"root_run_id": "r-1", "holder": "host-7", "lease_id": "lease-1", "used": "0.2"}
            """);
    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(desk.asked.returned()).isEqualTo("lease-1");
    assertThat(desk.asked.used()).isEqualTo(20 * ExampleAdmission.CENT);
    assertThat(
            post("/v1/admission/release", "{\"root_run_id\": \"r-1\", \"holder\": \"h\"}")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void shouldAskAnotherInstanceTheSameThing() {
    OwnerDesk other =
        new InstanceClient("USD", Duration.ofSeconds(5))
            .deskAt(new HostInfo("127.0.0.1", server.port()));
    Ask ask =
        new Ask(
            "lease-1",
            new io.fuseline.stream.policy.Subject(
                    "acme", "support", null, "blue", null, null, null, null)
                .calling("search", null),
            "throttled",
            "r-2",
            5,
            7,
            "host-7",
            9,
            null,
            Ask.UNKNOWN);
    OwnerDesk.Part part =
        new OwnerDesk.Part(ask, true, List.of(new ScopeKey(Dimension.COST_CENTRE, "acme", "cc/7")));
    Opinion opinion = other.ask(part);
    assertThat(desk.part).isEqualTo(part);
    assertThat(opinion).isEqualTo(new ExampleAdmission().ask(part));
    assertThat(opinion.decision()).isEqualTo(Decision.THROTTLE);

    OwnerDesk.Change change = new OwnerDesk.Change("lease-1", OwnerDesk.What.TRIM, 3);
    other.change(change);
    assertThat(desk.change).isEqualTo(change);

    server.stop();
    Assertions.assertThatThrownBy(() -> other.ask(part)).isInstanceOf(StoreUnavailable.class);
  }

  private HttpResponse<String> ask(String rootRunId) throws Exception {
    return post(
        "/v1/admission",
        "{\"root_run_id\": \"%s\", \"estimate\": \"0.1\", \"holder\": \"h\", \"lease\": \"1\"}"
            .formatted(rootRunId));
  }

  private HttpResponse<String> post(String path, String json) throws Exception {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }
}
