package io.fuseline.stream.topology;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.judge.OpenCommand;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The topology in a test driver, with the topics that stand around it; without prices and policies.
 */
final class DrivenTopology implements AutoCloseable {
  private static final Topics TOPICS = Topics.defaults();

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TestOutputTopic<String, Command> commands;
  final TestOutputTopic<String, Alert> alerts;
  final TestOutputTopic<String, PricedSpan> priced;
  final TestOutputTopic<String, CostCorrection> corrections;
  final TestOutputTopic<String, CostRollup> rollups;

  private final PlainSerdes serdes = new PlainSerdes();
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> spans;
  private final TestInputTopic<String, PriceEntry> prices;
  private final TestInputTopic<String, PolicyDocument> policies;
  private final TestInputTopic<String, CommandAck> acks;
  private final TestInputTopic<String, Outcome> outcomes;
  private final TestInputTopic<String, Decision> decisions;
  private final TestInputTopic<String, Command> issued;

  DrivenTopology(TopologySettings settings, Path stateDir, Instant start) {
    FuselineMetrics metrics = new FuselineMetrics(meters, "USD");
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "fuseline");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InvalidSpanHandler.class);
    config.put(DeadLetters.CONFIG, new DeadLetters(metrics, 100));
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.class);
    Properties properties = new Properties();
    properties.putAll(config);
    driver =
        new TopologyTestDriver(
            new CostTopology(new StreamsConfig(config), serdes, settings, metrics).build(),
            properties,
            start);
    ByteArraySerializer bytes = new ByteArraySerializer();
    spans = driver.createInputTopic(TOPICS.agentSpans().name(), bytes, bytes);
    prices = input(TOPICS.prices().name(), PriceEntry.class);
    policies = input(TOPICS.policies().name(), PolicyDocument.class);
    acks = input(TOPICS.commandAcks().name(), CommandAck.class);
    outcomes = input(TOPICS.outcomes().name(), Outcome.class);
    decisions = input(TOPICS.decisions().name(), Decision.class);
    issued = input(TOPICS.agentCommands().name(), Command.class);
    commands = output(TOPICS.agentCommands().name(), Command.class);
    alerts = output(TOPICS.costAlerts().name(), Alert.class);
    priced = output(TOPICS.pricedSpans().name(), PricedSpan.class);
    corrections = output(TOPICS.costCorrections().name(), CostCorrection.class);
    rollups = output(TOPICS.costRollups().name(), CostRollup.class);
  }

  void apply(String yaml) {
    for (ParsedPolicy parsed : PolicyFile.parse(yaml, "test.yaml")) {
      policies.pipeInput(
          parsed.policy().id(),
          PolicyDocument.newBuilder()
              .setPolicyId(parsed.policy().id())
              .setVersion(parsed.policy().version())
              .setSource(parsed.source())
              .setCompiled(parsed.compiled())
              .setAppliedAt(Instant.EPOCH)
              .build());
    }
  }

  void put(PriceEntry price) {
    prices.pipeInput(price.getPriceId(), price);
  }

  void remove(String priceId) {
    prices.pipeInput(priceId, null);
  }

  void send(AgentSpan span) {
    spans.pipeInput(
        span.getRootRunId().getBytes(StandardCharsets.UTF_8),
        serdes.of(AgentSpan.class).serializer().serialize("", span));
  }

  void decide(Decision decision) {
    decisions.pipeInput(decision.getTarget(), decision);
  }

  /** Keyed by something else, as a careless producer might. */
  void send(Outcome outcome) {
    outcomes.pipeInput("any", outcome);
  }

  /** Keyed by nothing, as a careless client might. */
  void send(CommandAck ack) {
    acks.pipeInput(null, ack);
  }

  /** As if the pipeline had written it. */
  void issue(Command command) {
    issued.pipeInput(command.getTarget(), command);
  }

  /** What is kept of open commands. */
  KeyValueStore<String, OpenCommand> openCommands() {
    return driver.getKeyValueStore(CommandProcessor.OPEN);
  }

  void advance(Duration time) {
    driver.advanceWallClockTime(time);
  }

  /** True once all kept spans stand by the book. */
  boolean isSettled() {
    return meters.get("fuseline.repricing.tasks").gauge().value() == 0;
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> input(String topic, Class<T> type) {
    return driver.createInputTopic(topic, new StringSerializer(), serdes.of(type).serializer());
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Class<T> type) {
    return driver.createOutputTopic(
        topic, new StringDeserializer(), serdes.of(type).deserializer());
  }

  @Override
  public void close() {
    driver.close();
  }
}
