package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker dies under a pipeline that has begun to book, and comes back later. */
class BrokerAwayIT {
  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "8.00"}
      ladder: [{at: 100%, action: kill}]
      """;

  @TempDir private Path folder;

  @Test
  void shouldBookOnceWhenTheBrokerDiesBeforeTheCommit() throws Exception {
    try (LocalStack stack = LocalStack.start(folder.resolve("stack"), step -> {});
        Deployment deployment = Deployment.create(stack, "away", folder, POLICIES)) {
      Process pipeline = startCommittingLate(deployment);
      send(deployment, "first");
      awaitBooked(deployment, "first");
      send(deployment, "open");
      await()
          .atMost(WITHIN)
          .pollInterval(OFTEN)
          .until(() -> priced(deployment, "read_uncommitted").contains("open"));

      stack.broker().kill();
      stack.broker().restart();
      send(deployment, "after");

      awaitBooked(deployment, "first", "open", "after");
      assertThat(pipeline.isAlive()).isTrue();
    }
  }

  @Test
  void shouldGoOnByItselfWhenWhatTheClockWroteIsAbortedMeanwhile() throws Exception {
    try (LocalStack stack = LocalStack.start(folder.resolve("stack"), step -> {});
        Deployment deployment = Deployment.create(stack, "clock", folder, POLICIES)) {
      Process pipeline = startCommittingLate(deployment);
      // Nothing has come in: such a transaction ends without offsets, and when all its records are
      // acknowledged the commit is the first to hear that it was aborted.
      await()
          .atMost(WITHIN)
          .pollInterval(OFTEN)
          .during(Duration.ofMillis(300))
          .until(deployment::hasOpenTransaction);

      stack.broker().kill();
      stack.broker().restart();
      send(deployment, "after");

      awaitBooked(deployment, "after");
      assertThat(pipeline.isAlive()).isTrue();
    }
  }

  /**
   * Every second: time enough to kill the broker between the begin and the commit. A transaction
   * may take 6 s, as long as a session, and has run out when the broker is back.
   */
  private static Process startCommittingLate(Deployment deployment) throws Exception {
    return deployment.startPipeline(Map.of("commit.ms", "1000", "session.ms", "6000"));
  }

  private static void awaitBooked(Deployment deployment, String... spans) {
    await()
        .atMost(WITHIN)
        .untilAsserted(
            () ->
                assertThat(priced(deployment, "read_committed")).containsExactlyInAnyOrder(spans));
  }

  private static void send(Deployment deployment, String id) throws Exception {
    AgentSpan span =
        AgentSpan.newBuilder()
            .setSpanId(id)
            .setRunId("run")
            .setRootRunId("run")
            .setAgentId("a")
            .setKind(SpanKind.LLM)
            .setProvider("anthropic")
            .setResponseModel("claude-opus-4-5")
            .setUsage(Map.of("input_tokens", 1_000L))
            .setEndTime(Instant.now())
            .build();
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      producer
          .send(new ProducerRecord<>(deployment.topics().agentSpans().name(), "run", span))
          .get();
    }
  }

  private static List<String> priced(Deployment deployment, String isolation) {
    return deployment
        .readAll(deployment.topics().pricedSpans(), PricedSpan.class, isolation)
        .stream()
        .map(priced -> priced.value().getSpanId())
        .toList();
  }
}
