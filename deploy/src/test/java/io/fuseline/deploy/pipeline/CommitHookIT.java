package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.SpanKind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * State that is kept in memory between commits is in the changelog once its input is committed. It
 * is written through a hook of Kafka Streams that is not public: this test fails when a later Kafka
 * no longer calls it.
 */
class CommitHookIT {
  private static final int RUNS = 12;
  private static final int SPANS_PER_RUN = 5;
  private static final String POLICIES =
      """
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: alert}]
      ---
      id: all-runs-of-the-agent
      rule: {type: budget, per: agent, of: steps, window: life, limit: 61}
      ladder: [{at: 100%, action: kill}]
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  @TempDir private Path folder;

  @Test
  void shouldKnowWhatWasCommittedWhenKilledAndItsDiskIsLost() throws Exception {
    try (Deployment deployment = Deployment.create(SharedStack.get(), "hook", folder, POLICIES)) {
      Process pipeline = deployment.startPipeline();
      produce(deployment);
      await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertAllBooked(deployment));
      await().atMost(Duration.ofMinutes(3)).until(() -> deployment.lag() == 0);

      Deployment.kill(pipeline);
      delete(folder.resolve("pipeline-state"));
      deployment.startPipeline();

      await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertAllBooked(deployment));
      assertThat(restored(deployment)).as("entries read back").isGreaterThan(RUNS * SPANS_PER_RUN);
      try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
        send(deployment, producer, 0, SPANS_PER_RUN, Instant.now());
      }
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(runsToldToEnd(deployment))
                      .as("runs that began before the disk was lost")
                      .containsExactlyInAnyOrderElementsOf(
                          IntStream.range(0, RUNS).mapToObj(run -> "run-" + run).toList()));
    }
  }

  private static List<String> runsToldToEnd(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().agentCommands(), Command.class, "read_committed")
        .stream()
        .flatMap(command -> command.value().getRootRunIds().stream())
        .toList();
  }

  private double restored(Deployment deployment) throws Exception {
    HttpRequest metrics =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + "/metrics"))
            .build();
    return http.send(metrics, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith("fuseline_restored_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private void assertAllBooked(Deployment deployment) throws Exception {
    for (int run = 0; run < RUNS; run++) {
      assertThat(get(deployment, "/v1/runs/run-" + run).at("/spans").asInt())
          .isEqualTo(SPANS_PER_RUN);
    }
    assertThat(get(deployment, "/v1/top/agent?by=total").at("/values/0/spans").asInt())
        .isEqualTo(RUNS * SPANS_PER_RUN);
    assertThat(get(deployment, "/v1/costs/agent/a?window=1d&from=-2d").at("/cells/0/spans").asInt())
        .isEqualTo(RUNS * SPANS_PER_RUN);
  }

  private JsonNode get(Deployment deployment, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + path))
            .build();
    try {
      return json.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new AssertionError("The pipeline does not answer yet.", e);
    }
  }

  private static void produce(Deployment deployment) {
    // Within one day, so that the ledger has one cell of a day.
    Instant at = Instant.now().minusSeconds(1);
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      for (int step = 0; step < SPANS_PER_RUN; step++) {
        for (int run = 0; run < RUNS; run++) {
          send(deployment, producer, run, step, at);
        }
      }
    }
  }

  private static void send(
      Deployment deployment,
      KafkaProducer<String, AgentSpan> producer,
      int run,
      int step,
      Instant at) {
    AgentSpan span =
        AgentSpan.newBuilder()
            .setSpanId("s-" + run + "-" + step)
            .setRunId("run-" + run)
            .setRootRunId("run-" + run)
            .setAgentId("a")
            .setKind(SpanKind.LLM)
            .setProvider("anthropic")
            .setResponseModel("claude-opus-4-5")
            .setUsage(Map.of("input_tokens", 1_000L))
            .setEndTime(at)
            .build();
    producer.send(
        new ProducerRecord<>(deployment.topics().agentSpans().name(), span.getRootRunId(), span));
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
