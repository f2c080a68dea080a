package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that ask before they spend, on the real stack with two instances. */
class AdmissionIT {
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "1.00"}
      ladder: [{at: 100%, action: kill}]
      ---
      id: team-day
      match: {team: purple}
      rule: {type: budget, per: team, window: day, limit: "1.00"}
      ladder: [{at: 100%, action: kill}]
      """;

  /** Of a model at 15 USD for a million tokens. */
  private static final long TOKENS_FOR_18_CENTS = 12_000;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path folder;

  private static Deployment deployment;
  private static KafkaProducer<String, AgentSpan> spans;
  private static int first;
  private static int second;

  @BeforeAll
  static void start() throws Exception {
    deployment = Deployment.create(SharedStack.get(), "admission", folder, POLICIES);
    spans = deployment.spanProducer();
    first = deployment.httpPort();
    second = freePort();
    deployment.startPipeline();
    deployment.startPipeline("second", second, Map.of());
    // Once the second has its share of runs, most of them are the other's at each.
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              for (int port : List.of(first, second)) {
                assertThat(get(port, "/health/ready").statusCode()).isEqualTo(200);
                assertThat(ask(port, "warm-up", "h", "0", null).statusCode()).isEqualTo(200);
              }
              assertThat(tasks(first)).isPositive();
              assertThat(tasks(second)).isPositive();
            });
  }

  @AfterAll
  static void stop() throws Exception {
    spans.close();
    deployment.close();
  }

  /**
   * A hundred calls at 0.18 against a cap of 1.00: five are made, the sixth would reach the cap.
   */
  @Test
  void shouldLetFiveOfAHundredCallsThroughAndSendNoCommand() throws Exception {
    int made = 0;
    HttpResponse<String> denied = null;
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> answer = ask(i % 2 == 0 ? first : second, "run-18", "h", "0.18", null);
      if (answer.statusCode() == 200) {
        made++;
        spend("run-18", "green");
      } else {
        assertThat(answer.statusCode()).isEqualTo(429);
        denied = answer;
      }
    }
    assertThat(made).isEqualTo(5);
    JsonNode problem = JSON.readTree(denied.body());
    assertThat(problem.path("decision").asText()).isEqualTo("DENY");
    assertThat(problem.path("scope").asText()).isEqualTo("run-18");
    assertThat(problem.path("limit").asText()).isEqualTo("1");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(cost("run-18")).isEqualTo("0.9"));
    assertThat(commands()).noneMatch(command -> command.getTarget().equals("run-18"));
  }

  /** Whichever instance is asked, what another was promised is known: there is one book per run. */
  @Test
  void shouldKnowAtEachInstanceWhatWasPromisedAtTheOther() throws Exception {
    for (int i = 0; i < 12; i++) {
      String run = "shared-" + i;
      JsonNode one = JSON.readTree(ask(first, run, "worker-1", "0.10", "0.40").body());
      assertThat(one.path("lease").path("amount").asText()).isEqualTo("0.4");
      JsonNode other = JSON.readTree(ask(second, run, "worker-2", "0.10", "0.40").body());
      assertThat(other.path("binding").path("reserved").asText()).isEqualTo("0.4");
      assertThat(other.path("headroom").asText()).isEqualTo("0.6");

      assertThat(
              post(
                      second,
                      "/v1/admission/release",
                      "{\"tenant\": \"acme\", \"root_run_id\": \"%s\", \"agent_id\": \"coder\", \"lease_id\": \"%s\", \"used\": \"0.10\"}"
                          .formatted(run, one.path("lease").path("lease_id").asText()))
                  .statusCode())
          .isEqualTo(204);
      JsonNode after = JSON.readTree(ask(first, run, "worker-3", "0", null).body());
      assertThat(after.path("binding").path("spend").asText()).isEqualTo("0.1");
      assertThat(after.path("binding").path("reserved").asText())
          .isEqualTo(other.path("lease").path("amount").asText());
    }
    assertThat(metric(first, "fuseline_admission_leases")).isPositive();
    assertThat(metric(second, "fuseline_admission_leases")).isPositive();
  }

  /** Run and team lie on different instances for some of the runs; the team's cap binds all. */
  @Test
  void shouldBindAllRunsOfATeamByTheTeamsBudget() throws Exception {
    int made = 0;
    for (int i = 0; i < 12; i++) {
      HttpResponse<String> answer =
          post(
              i % 2 == 0 ? first : second,
              "/v1/admission",
              """
              {"tenant": "acme", "root_run_id": "purple-%d", "agent_id": "coder",
               "team": "purple", "estimate": "0.18"}
              """
                  .formatted(i));
      if (answer.statusCode() == 200) {
        made++;
        spend("purple-" + i, "purple");
      } else {
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("scope_type").asText()).isEqualTo("TEAM");
        assertThat(problem.path("scope").asText()).isEqualTo("purple");
        assertThat(problem.path("reset").asText()).endsWith("T00:00:00Z");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        // What the run's own budget had promised was taken back.
        JsonNode run = JSON.readTree(ask(first, "purple-" + i, "h", "0", null).body());
        assertThat(run.path("binding").path("reserved").asText()).isEqualTo("0");
      }
    }
    assertThat(made).isEqualTo(5);
  }

  private static void spend(String run, String team) {
    AgentSpan span =
        AgentSpan.newBuilder()
            .setSpanId(run + "-" + System.nanoTime())
            .setTenantId("acme")
            .setRunId(run)
            .setRootRunId(run)
            .setAgentId("coder")
            .setTeam(team)
            .setKind(SpanKind.LLM)
            .setProvider("anthropic")
            .setResponseModel("claude-sonnet-4-6")
            .setUsage(Map.of("output_tokens", TOKENS_FOR_18_CENTS))
            .setEndTime(Instant.now())
            .build();
    spans.send(new ProducerRecord<>(deployment.topics().agentSpans().name(), run, span));
  }

  private static HttpResponse<String> ask(
      int port, String run, String holder, String estimate, String lease) throws Exception {
    return post(
        port,
        "/v1/admission",
        "{\"tenant\": \"acme\", \"root_run_id\": \"%s\", \"agent_id\": \"coder\", \"holder\": \"%s\", \"estimate\": \"%s\"%s}"
            .formatted(
                run, holder, estimate, lease == null ? "" : ", \"lease\": \"" + lease + "\""));
  }

  private static HttpResponse<String> post(int port, String path, String json) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .POST(BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .build(),
        BodyHandlers.ofString());
  }

  private static String cost(String run) throws Exception {
    return JSON.readTree(get(first, "/v1/runs/" + run).body()).path("cost").asText();
  }

  private static List<Command> commands() {
    return deployment
        .readAll(deployment.topics().agentCommands(), Command.class, "read_uncommitted")
        .stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private static double metric(int port, String name) throws Exception {
    return get(port, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> new BigDecimal(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow()
        .doubleValue();
  }

  /**
   * Partitions that an instance reads: its consumers' lag is told for each thread that has some.
   */
  private static long tasks(int port) throws Exception {
    return get(port, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("kafka_consumer_fetch_manager_records_lag_max"))
        .filter(line -> line.contains("StreamThread") && !line.endsWith("NaN"))
        .count();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
