package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.replay.Replay;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pipeline is killed with -9 in the middle of its work, and nothing is counted wrong, lost or
 * said twice.
 */
class CrashIT {
  private static final int RUNS = 240;
  private static final int SPANS_PER_RUN = 60;
  private static final int KILLS = 3;
  private static final Map<String, BigDecimal> OPUS_USD =
      Map.of(
          "input_tokens", new BigDecimal("0.000005"),
          "output_tokens", new BigDecimal("0.000025"),
          "cache_read_tokens", new BigDecimal("0.0000005"),
          "cache_write_5m_tokens", new BigDecimal("0.00000625"));
  private static final String POLICIES =
      """
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      ---
      id: run-cap
      rule: {type: budget, per: run, limit: "20"}
      ladder: [{at: 80%, action: alert}, {at: 100%, action: kill}]
      ---
      id: agent-cap
      match: {agent: "agent-0"}
      rule: {type: budget, per: agent, window: day, limit: "10"}
      ladder: [{at: 80%, action: alert}, {at: 100%, action: kill}]
      """;

  @TempDir private Path folder;

  @Test
  void shouldKeepLedgerAndCommandsExactWhenKilledInTheMiddle() throws Exception {
    List<AgentSpan> spans = workload(new Random(7));
    Expected expected = Expected.of(spans);
    try (Deployment deployment = Deployment.create(SharedStack.get(), "crash", folder, POLICIES)) {
      Process pipeline = deployment.startPipeline();
      CompletableFuture<Void> producing =
          CompletableFuture.runAsync(() -> produce(deployment, spans));
      int killedWithWorkLeft = 0;
      for (int kill = 1; kill <= KILLS; kill++) {
        int wanted = spans.size() * kill / (KILLS + 1);
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> deployment.written(deployment.topics().pricedSpans()) >= wanted);
        Deployment.kill(pipeline);
        killedWithWorkLeft += deployment.lag() > 0 ? 1 : 0;
        pipeline = deployment.startPipeline();
      }
      producing.join();
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(deployment.lag()).isZero());

      assertThat(killedWithWorkLeft).as("kills that met work in progress").isEqualTo(KILLS);
      assertPricedOnce(deployment, expected);
      assertCommandsOnce(deployment, expected);
      assertThat(runCommands(deployment)).isEqualTo(runCommandsOfReplay(spans));
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(ledger(deployment)).isEqualTo(expected.costByAgent));
    }
  }

  private static void assertPricedOnce(Deployment deployment, Expected expected) {
    List<ConsumerRecord<String, PricedSpan>> priced =
        deployment.readAll(deployment.topics().pricedSpans(), PricedSpan.class, "read_committed");
    assertThat(priced).extracting(record -> record.value().getSpanId()).doesNotHaveDuplicates();
    assertThat(priced).hasSize(expected.spans);
    assertThat(
            priced.stream()
                .map(record -> record.value().getListCost())
                .reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualByComparingTo(expected.total);
    assertThat(priced.stream().filter(r -> r.value().getStatus() == CostStatus.UNPRICED))
        .hasSize(expected.unpriced);
  }

  private static void assertCommandsOnce(Deployment deployment, Expected expected) {
    List<ConsumerRecord<String, Command>> committed =
        deployment.readAll(deployment.topics().agentCommands(), Command.class, "read_committed");
    assertThat(committed)
        .extracting(record -> record.value().getCommandId())
        .doesNotHaveDuplicates();
    Set<String> killed = new TreeSet<>();
    for (ConsumerRecord<String, Command> record : committed) {
      assertThat(record.value().getAction()).isEqualTo(Action.KILL);
      assertThat(killed.add(record.value().getTarget()))
          .as("one command for " + record.value().getTarget())
          .isTrue();
    }
    assertThat(killed).isEqualTo(expected.killed);

    // What an impatient consumer saw in transactions that were aborted bears the same ids.
    Set<String> ids = new HashSet<>();
    deployment
        .readAll(deployment.topics().agentCommands(), Command.class, "read_uncommitted")
        .forEach(record -> ids.add(record.value().getCommandId()));
    assertThat(ids).hasSize(expected.killed.size());
  }

  private static Set<String> runCommands(Deployment deployment) {
    Set<String> ids = new TreeSet<>();
    deployment
        .readAll(deployment.topics().agentCommands(), Command.class, "read_committed")
        .forEach(
            record -> {
              if (record.value().getTargetType() == TargetType.RUN) {
                ids.add(record.value().getCommandId());
              }
            });
    return ids;
  }

  /**
   * The same spans, without Kafka, duplicates or crashes: the same core must come to the same ids.
   */
  private Set<String> runCommandsOfReplay(List<AgentSpan> spans) throws IOException {
    Path policies = Files.writeString(folder.resolve("policies.yaml"), POLICIES);
    Path file = folder.resolve("spans.jsonl");
    Files.write(file, spans.stream().map(AvroJson::toJsonText).toList());
    Path out = folder.resolve("replay");
    Replay.with("default", policies.toString())
        .run(file, out, new PrintWriter(Writer.nullWriter()));
    Set<String> ids = new TreeSet<>();
    for (String line : Files.readAllLines(out.resolve("commands.jsonl"))) {
      Command command = AvroJson.fromJsonText(line, Command.class);
      if (command.getTargetType() == TargetType.RUN) {
        ids.add(command.getCommandId());
      }
    }
    return ids;
  }

  /** Agent and day to cost, from the newest revision of each window. */
  private static Map<String, BigDecimal> ledger(Deployment deployment) {
    Map<String, CostRollup> newest = new HashMap<>();
    for (ConsumerRecord<String, CostRollup> record :
        deployment.readAll(deployment.topics().costRollups(), CostRollup.class, "read_committed")) {
      newest.put(record.key(), record.value());
    }
    Map<String, BigDecimal> ledger = new TreeMap<>();
    for (CostRollup rollup : newest.values()) {
      if (rollup.getWindow() == WindowSize.DAY && rollup.getDimension() == Dimension.AGENT) {
        LocalDate day = LocalDate.ofInstant(rollup.getWindowStart(), ZoneOffset.UTC);
        ledger.put(rollup.getValue() + "@" + day, rollup.getCost().stripTrailingZeros());
      }
    }
    return ledger;
  }

  /**
   * Sends every twentieth span twice and every seventh without a key, paced so that kills meet work
   * in progress.
   */
  private static void produce(Deployment deployment, List<AgentSpan> spans) {
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      String topic = deployment.topics().agentSpans().name();
      for (int i = 0; i < spans.size(); i++) {
        AgentSpan span = spans.get(i);
        String key = i % 7 == 0 ? null : span.getRootRunId();
        producer.send(new ProducerRecord<>(topic, key, span));
        if (i % 20 == 0) {
          producer.send(new ProducerRecord<>(topic, span.getRootRunId(), span));
        }
      }
    }
  }

  private static List<AgentSpan> workload(Random random) {
    Instant now = Instant.now();
    List<AgentSpan> spans = new ArrayList<>();
    for (int step = 0; step < SPANS_PER_RUN; step++) {
      for (int run = 0; run < RUNS; run++) {
        spans.add(span(run, step, now, random));
      }
    }
    return spans;
  }

  /**
   * Every twentieth run loops, every thirtieth is dear, the others are healthy; some models have no
   * price.
   */
  private static AgentSpan span(int run, int step, Instant now, Random random) {
    AgentSpan.Builder span =
        AgentSpan.newBuilder()
            .setSpanId("s-" + run + "-" + step)
            .setRunId("run-" + run)
            .setRootRunId("run-" + run)
            .setAgentId("agent-" + run % 7)
            // Some spans are days late: the ledger has them all the same.
            .setEndTime(now.minus(Duration.ofDays(run % 3)).minusMillis(random.nextInt(3_600_000)));
    if (step % 3 == 2) {
      boolean loops = run % 20 == 0;
      return span.setKind(SpanKind.TOOL)
          .setProvider("local")
          .setToolName("search")
          .setArgumentHash(loops ? 1L : random.nextLong())
          .setResultHash(loops ? 1L : random.nextLong())
          .build();
    }
    boolean dear = run % 30 == 1;
    return span.setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel(run % 11 == 10 ? "a-model-without-a-price" : "claude-opus-4-5")
        .setUsage(
            Map.of(
                "input_tokens", (long) random.nextInt(5_000),
                "output_tokens", (long) random.nextInt(500) + (dear ? 40_000 : 0),
                "cache_read_tokens", (long) random.nextInt(100_000),
                "cache_write_5m_tokens", (long) random.nextInt(3_000)))
        .build();
  }

  /** The exact recomputation, straight from the spans. */
  private static final class Expected {
    private final Map<String, BigDecimal> costByAgent = new TreeMap<>();
    private final Set<String> killed = new TreeSet<>();
    private BigDecimal total = BigDecimal.ZERO;
    private int spans;
    private int unpriced;

    static Expected of(List<AgentSpan> spans) {
      Expected expected = new Expected();
      Map<String, BigDecimal> byRun = new HashMap<>();
      for (AgentSpan span : spans) {
        boolean known = "claude-opus-4-5".equals(span.getResponseModel());
        BigDecimal cost = BigDecimal.ZERO;
        for (Map.Entry<String, Long> bucket : span.getUsage().entrySet()) {
          if (known) {
            cost =
                cost.add(
                    OPUS_USD.get(bucket.getKey()).multiply(BigDecimal.valueOf(bucket.getValue())));
          }
        }
        expected.spans++;
        expected.unpriced += span.getKind() == SpanKind.LLM && !known ? 1 : 0;
        expected.total = expected.total.add(cost);
        byRun.merge(span.getRootRunId(), cost, BigDecimal::add);
        String day = LocalDate.ofInstant(span.getEndTime(), ZoneOffset.UTC).toString();
        expected.costByAgent.merge(span.getAgentId() + "@" + day, cost, BigDecimal::add);
      }
      expected.costByAgent.replaceAll((key, cost) -> cost.stripTrailingZeros());
      byRun.forEach(
          (run, cost) -> {
            int number = Integer.parseInt(run.substring("run-".length()));
            if (number % 20 == 0 || cost.compareTo(new BigDecimal("20")) >= 0) {
              expected.killed.add(run);
            }
          });
      expected.killed.add("agent-0");
      return expected;
    }
  }
}
