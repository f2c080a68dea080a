package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.policy.DefaultPolicies;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostTopologyTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Topics TOPICS = Topics.defaults();

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final PlainSerdes serdes = new PlainSerdes();
  @TempDir private Path stateDir;
  private Topology topology;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> spans;
  private TestOutputTopic<String, Command> commands;
  private TestOutputTopic<String, Alert> alerts;
  private TestOutputTopic<String, PricedSpan> priced;
  private TestOutputTopic<String, CostRollup> rollups;
  private TestOutputTopic<byte[], byte[]> deadLetters;
  private int ids;

  @BeforeEach
  void start() {
    FuselineMetrics metrics = new FuselineMetrics(meters, "USD");
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "fuseline");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, TOPICS.deadLetters().name());
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InvalidSpanHandler.class);
    config.put(DeadLetters.CONFIG, new DeadLetters(metrics, 100));
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.class);
    StreamsConfig streamsConfig = new StreamsConfig(config);
    topology =
        new CostTopology(streamsConfig, serdes, TopologySettings.defaults(), metrics).build();
    driver = new TopologyTestDriver(topology, asProperties(config), NOON);
    ByteArraySerializer bytes = new ByteArraySerializer();
    spans = driver.createInputTopic(TOPICS.agentSpans().name(), bytes, bytes, NOON, Duration.ZERO);
    commands = output(TOPICS.agentCommands().name(), Command.class);
    alerts = output(TOPICS.costAlerts().name(), Alert.class);
    priced = output(TOPICS.pricedSpans().name(), PricedSpan.class);
    rollups = output(TOPICS.costRollups().name(), CostRollup.class);
    deadLetters =
        driver.createOutputTopic(
            TOPICS.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    TestInputTopic<String, PriceEntry> prices =
        driver.createInputTopic(
            TOPICS.prices().name(),
            new StringSerializer(),
            serdes.of(PriceEntry.class).serializer());
    DefaultPrices.load().forEach(price -> prices.pipeInput(price.getPriceId(), price));
    TestInputTopic<String, PolicyDocument> policies =
        driver.createInputTopic(
            TOPICS.policies().name(),
            new StringSerializer(),
            serdes.of(PolicyDocument.class).serializer());
    for (ParsedPolicy parsed : DefaultPolicies.load()) {
      policies.pipeInput(
          parsed.policy().id(),
          PolicyDocument.newBuilder()
              .setPolicyId(parsed.policy().id())
              .setVersion(parsed.policy().version())
              .setSource(parsed.source())
              .setCompiled(parsed.compiled())
              .setAppliedAt(NOON)
              .build());
    }
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void shouldKeepItsNamesWhenBuilt() throws IOException {
    // A changed name loses state: renew the file (-Dgolden.update) only together with a migration.
    Path golden = Path.of("src/test/resources/topology.txt");
    if (System.getProperty("golden.update") != null) {
      Files.writeString(golden, topology.describe().toString());
    }
    assertThat(topology.describe().toString()).isEqualTo(Files.readString(golden));
  }

  @Test
  void shouldPriceASpanExactlyAndBookItEverywhere() {
    send(
        llm("run-1")
            .setTeam("platform")
            .setStep("plan")
            .setUsage(Map.of("input_tokens", 1_000L, "output_tokens", 100L)));
    driver.advanceWallClockTime(Duration.ofSeconds(11));

    PricedSpan span = priced.readValue();
    assertThat(span.getListCost()).isEqualByComparingTo("0.0075"); // 1000 × 5e-6 + 100 × 25e-6
    assertThat(span.getStatus()).isEqualTo(CostStatus.PRICED);
    Map<Dimension, BigDecimal> byDimension =
        rollups.readValuesToList().stream()
            .filter(rollup -> rollup.getWindow() == WindowSize.DAY)
            .collect(Collectors.toMap(CostRollup::getDimension, CostRollup::getCost));
    assertThat(byDimension)
        .containsOnlyKeys(
            Dimension.AGENT, Dimension.MODEL, Dimension.STEP, Dimension.TEAM, Dimension.TENANT)
        .allSatisfy((dimension, cost) -> assertThat(cost).isEqualByComparingTo("0.0075"));
  }

  @Test
  void shouldKillOnceWhenAnAgentLoops() {
    for (int i = 0; i < 6; i++) {
      send(tool("run-1", "search", 1, 11));
      send(tool("run-1", "open", 2, 12));
    }

    List<Command> sent = commands.readValuesToList();
    assertThat(sent).hasSize(1);
    Command kill = sent.get(0);
    assertThat(kill.getAction()).isEqualTo(Action.KILL);
    assertThat(kill.getTarget()).isEqualTo("run-1");
    assertThat(kill.getEvidence().getMeasured()).isEqualTo("3");
    assertThat(kill.getEvidence().getSpanIds()).hasSize(6);
    assertThat(alerts.readValuesToList())
        .extracting(Alert::getCommandId)
        .containsExactly(kill.getCommandId());
  }

  @Test
  void shouldBookOnceWhenASpanComesTwice() {
    AgentSpan span = llm("run-1").setUsage(Map.of("input_tokens", 1_000L)).build();
    send(span);
    send(span);

    assertThat(priced.readValuesToList()).hasSize(1);
    assertThat(meters.counter("fuseline.duplicates").count()).isEqualTo(1);
  }

  @Test
  void shouldCountAModelCallThatTellsNoUsageUnlessItFailed() {
    send(llm("run-1").setUsage(Map.of()));
    send(llm("run-1").setUsage(Map.of()).setStatus(SpanStatus.ERROR));
    send(llm("run-1").setUsage(Map.of("input_tokens", 1L)));

    assertThat(meters.counter("fuseline.usage.missing").count()).isEqualTo(1);
  }

  @Test
  void shouldReturnASpanToItsRunWhenItsKeyIsMissing() {
    AgentSpan span = llm("run-1").setUsage(Map.of("input_tokens", 1_000L)).build();
    spans.pipeInput(new TestRecord<>(null, bytes(span), NOON));

    assertThat(priced.readKeyValue().key).isEqualTo("run-1");
    assertThat(meters.counter("fuseline.miskeyed").count()).isEqualTo(1);
    assertThat(meters.counter("fuseline.spans").count()).isEqualTo(1);
  }

  @Test
  void shouldSendBadSpansToTheDeadLettersAndGoOn() {
    spans.pipeInput(key("run-1"), new byte[] {1, 2, 3});
    send(llm("run-1").setUsage(Map.of("input_tokens", -1L)));
    send(llm("run-1").setUsage(Map.of("input_tokens", 1_000L)));

    List<TestRecord<byte[], byte[]>> letters = deadLetters.readRecordsToList();
    assertThat(letters).hasSize(2);
    assertThat(letters.get(0).value()).containsExactly(1, 2, 3);
    assertThat(header(letters.get(1), "__streams.errors.message")).contains("negative_usage");
    assertThat(priced.readValuesToList()).hasSize(1);
  }

  @Test
  void shouldRefuseASpanWhenItsRunBelongsToAnotherTenant() {
    send(llm("run-1").setTenantId("acme"));
    send(llm("run-1").setTenantId("evil"));

    assertThat(header(deadLetters.readRecord(), "__streams.errors.message"))
        .contains("foreign_tenant");
    assertThat(priced.readValuesToList()).hasSize(1);
  }

  @Test
  void shouldWriteAWindowAsFinalWhenItHasEndedByTheClock() {
    send(llm("run-1").setUsage(Map.of("input_tokens", 1_000L)));
    driver.advanceWallClockTime(Duration.ofSeconds(91));

    List<CostRollup> minutes =
        rollups.readValuesToList().stream()
            .filter(rollup -> rollup.getWindow() == WindowSize.MINUTE)
            .filter(rollup -> rollup.getDimension() == Dimension.AGENT)
            .toList();
    assertThat(minutes).extracting(CostRollup::getIsFinal).containsExactly(true);

    // A late span is a further final revision with the whole sum.
    send(llm("run-1").setUsage(Map.of("input_tokens", 1_000L)));
    driver.advanceWallClockTime(Duration.ofSeconds(31));
    CostRollup late =
        rollups.readValuesToList().stream()
            .filter(rollup -> rollup.getWindow() == WindowSize.MINUTE)
            .filter(rollup -> rollup.getDimension() == Dimension.AGENT)
            .reduce((first, second) -> second)
            .orElseThrow();
    assertThat(late.getIsFinal()).isTrue();
    assertThat(late.getCost()).isEqualByComparingTo("0.01");
    assertThat(late.getRevision()).isGreaterThan(1);
  }

  @Test
  void shouldLetARunGoWhenItIsSilentAndForgetItAfterItsRetention() {
    for (int i = 0; i < 3; i++) {
      send(tool("run-1", "search", 1, 11));
    }
    AgentSpan last = llm("run-1").build();
    send(last);
    driver.advanceWallClockTime(Duration.ofMinutes(31));
    assertThat(alerts.readValuesToList())
        .extracting(Alert::getState)
        // In between: no runtime has answered the command.
        .containsExactly(EpisodeState.OPEN, EpisodeState.ESCALATED, EpisodeState.CLOSED);
    assertThat(driver.getKeyValueStore(RunProcessor.RUNS).get("run-1")).isNotNull();

    driver.advanceWallClockTime(Duration.ofDays(7));
    assertThat(driver.getKeyValueStore(RunProcessor.RUNS).get("run-1")).isNull();
    try (var spansLeft = driver.getKeyValueStore(RunProcessor.SPANS).all()) {
      assertThat(spansLeft.hasNext()).isFalse();
    }
  }

  @Test
  void shouldLetAPausedRunGoOnWhenItsCapIsRaisedAndPauseItAgainWhenTheRaiseHasEnded() {
    ParsedPolicy cap = applyRunCap("0.01");
    send(llm("run-1").setUsage(Map.of("input_tokens", 2_000L))); // 0.01 USD
    Command pause = commands.readValue();
    assertThat(pause.getAction()).isEqualTo(Action.PAUSE);
    assertThat(pause.getPolicyVersion()).isEqualTo(cap.policy().version());

    raise("decision-1", "0.01", NOON.plusSeconds(3600));
    driver.advanceWallClockTime(Duration.ofSeconds(2)); // no span: a paused run sends none
    Command restore = commands.readValue();
    assertThat(restore.getAction()).isEqualTo(Action.RESTORE);
    assertThat(restore.getReverses()).isEqualTo(pause.getCommandId());
    assertThat(restore.getApprovedBy()).isEqualTo("ada (decision decision-1)");
    assertThat(restore.getReason())
        .startsWith("The cap was raised by 0.01 USD until 2026-03-02T13:00:00Z by ada: year end.");
    assertThat(restore.getEvidence().getDetails()).containsEntry("decisions", "decision-1");

    send(llm("run-1").setUsage(Map.of("input_tokens", 1_000L))); // 0.015: within the raised cap
    assertThat(commands.isEmpty()).isTrue();
    driver.advanceWallClockTime(Duration.ofHours(1));
    send(llm("run-1").setUsage(Map.of("input_tokens", 100L)));
    assertThat(commands.readValue().getAction()).isEqualTo(Action.PAUSE);
  }

  @Test
  void shouldLetAPausedRunGoOnWhenItsLimitIsRaisedInThePolicy() {
    applyRunCap("0.01");
    send(llm("run-1").setUsage(Map.of("input_tokens", 2_000L))); // 0.01 USD
    Command pause = commands.readValue();
    assertThat(pause.getAction()).isEqualTo(Action.PAUSE);
    applyRunCap("0.0099");
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertThat(commands.isEmpty()).isTrue();

    applyRunCap("0.02");
    driver.advanceWallClockTime(Duration.ofSeconds(2)); // no span: a paused run sends none

    Command restore = commands.readValue();
    assertThat(restore.getAction()).isEqualTo(Action.RESTORE);
    assertThat(restore.getReverses()).isEqualTo(pause.getCommandId());
    send(llm("run-1").setUsage(Map.of("input_tokens", 2_000L))); // 0.02 USD
    assertThat(commands.readValue().getAction()).isEqualTo(Action.PAUSE);
  }

  private ParsedPolicy applyRunCap(String limit) {
    ParsedPolicy cap =
        PolicyFile.parse(
                "{id: run-cap, rule: {type: budget, per: run, limit: '%s'}, ladder: [{at: 100%%, action: pause}]}"
                    .formatted(limit),
                "cap.yaml")
            .get(0);
    TestInputTopic<String, PolicyDocument> policies =
        driver.createInputTopic(
            TOPICS.policies().name(),
            new StringSerializer(),
            serdes.of(PolicyDocument.class).serializer());
    policies.pipeInput(
        "run-cap",
        PolicyDocument.newBuilder()
            .setPolicyId("run-cap")
            .setVersion(cap.policy().version())
            .setSource(cap.source())
            .setCompiled(cap.compiled())
            .setAppliedAt(NOON)
            .build());
    return cap;
  }

  private void raise(String decisionId, String amount, Instant until) {
    TestInputTopic<String, Decision> decisions =
        driver.createInputTopic(
            TOPICS.decisions().name(),
            new StringSerializer(),
            serdes.of(Decision.class).serializer());
    decisions.pipeInput(
        "run-1",
        Decision.newBuilder()
            .setDecisionId(decisionId)
            .setType(DecisionType.RAISE_CAP)
            .setTenantId("default")
            .setTargetType(TargetType.RUN)
            .setTarget("run-1")
            .setPolicyId("run-cap")
            .setAmount(new BigDecimal(amount).setScale(12))
            .setUntil(until)
            .setDecidedBy("ada")
            .setReason("year end")
            .setDecidedAt(NOON)
            .build());
  }

  private AgentSpan.Builder llm(String rootRunId) {
    return span(rootRunId)
        .setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel("claude-opus-4-5");
  }

  private AgentSpan.Builder tool(String rootRunId, String tool, long arguments, long result) {
    return span(rootRunId)
        .setKind(SpanKind.TOOL)
        .setProvider("local")
        .setToolName(tool)
        .setArgumentHash(arguments)
        .setResultHash(result);
  }

  private AgentSpan.Builder span(String rootRunId) {
    return AgentSpan.newBuilder()
        .setSpanId("span-" + ids++)
        .setRunId(rootRunId)
        .setRootRunId(rootRunId)
        .setAgentId("agent-1")
        .setKind(SpanKind.OTHER)
        .setEndTime(NOON);
  }

  private void send(AgentSpan.Builder span) {
    send(span.build());
  }

  private void send(AgentSpan span) {
    spans.pipeInput(key(span.getRootRunId()), bytes(span));
  }

  private static byte[] key(String rootRunId) {
    return rootRunId.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] bytes(AgentSpan span) {
    return serdes.of(AgentSpan.class).serializer().serialize("", span);
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Class<T> type) {
    return driver.createOutputTopic(
        topic, new StringDeserializer(), serdes.of(type).deserializer());
  }

  private static Properties asProperties(Map<String, Object> config) {
    Properties properties = new Properties();
    properties.putAll(config);
    return properties;
  }
}
