package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker stands still, and with it everything the pipeline would see. */
class BlindPipelineIT {
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "8.00"}
      ladder: [{at: 100%, action: kill}]
      """;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private int port;

  @Test
  void shouldSayThatItIsBlindShrinkLeasesAlertOnceAndSeeAgain() throws Exception {
    Path stacks = Path.of(System.getProperty("fuseline.home")).resolveSibling("stacks");
    try (LocalStack stack =
            LocalStack.start(
                Files.createTempDirectory(Files.createDirectories(stacks), "blind"), step -> {});
        Deployment deployment = Deployment.create(stack, "blind", folder, POLICIES)) {
      port = deployment.httpPort();
      // A member that the broker has not heard of is not to lose its partitions in this test.
      deployment.startPipeline(Map.of("control.blind.after", "PT6S", "session.ms", "45000"));
      await()
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(leaseOf("seen").path("amount").asText()).isEqualTo("4"));
      assertThat(JSON.readTree(ask("seen", null).body()).path("control").asText()).isEqualTo("OK");
      assertThat(blind()).isEqualTo("0.0");

      signal(stack, "-STOP");
      try {
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(control("early")).isEqualTo("BLIND"));
        assertThat(leaseOf("unseen").path("amount").asText()).isEqualTo("1"); // a quarter
        // The gauge is set by the next look, which waits for the broker first.
        await()
            .atMost(Duration.ofSeconds(15))
            .untilAsserted(() -> assertThat(blind()).isEqualTo("1.0"));
        HttpResponse<String> ready = get("/health/ready");
        assertThat(JSON.readTree(ready.body()).path("details").path("control").asText())
            .isEqualTo("BLIND");

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(ask("late", "1").statusCode()).isEqualTo(503));
        assertThat(JSON.readTree(ask("late", "1").body()).path("type").asText())
            .isEqualTo("urn:fuseline:problem:control-blind");
        // Single calls may still be asked for: what was promised is remembered all the while.
        assertThat(ask("late", null).statusCode()).isEqualTo(200);
      } finally {
        signal(stack, "-CONT");
      }
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                assertThat(control("again")).isEqualTo("OK");
                assertThat(leaseOf("again-" + System.nanoTime()).path("amount").asText())
                    .isEqualTo("4");
              });
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(alerts(deployment))
                      .extracting(Alert::getState)
                      .containsExactly(EpisodeState.OPEN, EpisodeState.CLOSED));
      List<Alert> alerts = alerts(deployment);
      assertThat(alerts.get(1).getEpisodeId()).isEqualTo(alerts.get(0).getEpisodeId());
      assertThat(alerts.get(0).getEvidence().getSummary()).contains("does not see what is spent");
    }
  }

  private static void signal(LocalStack stack, String name)
      throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("kill", name, String.valueOf(stack.broker().pid())).start().waitFor();
    assertThat(exit).isZero();
  }

  private String control(String run) throws Exception {
    return JSON.readTree(ask(run, null).body()).path("control").asText();
  }

  private JsonNode leaseOf(String run) throws Exception {
    return JSON.readTree(ask(run, "8").body()).path("lease");
  }

  private HttpResponse<String> ask(String run, String lease) throws Exception {
    String json =
        "{\"root_run_id\": \"%s\", \"holder\": \"%s\", \"estimate\": \"0\"%s}"
            .formatted(run, run, lease == null ? "" : ", \"lease\": \"" + lease + "\"");
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/admission"))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .POST(BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        BodyHandlers.ofString());
  }

  private String blind() throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("fuseline_control_blind "))
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .findFirst()
        .orElseThrow();
  }

  private static List<Alert> alerts(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().costAlerts(), Alert.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .filter(alert -> alert.getEvidence().getRule().equals("control-blind"))
        .toList();
  }
}
