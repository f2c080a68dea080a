package io.fuseline.stream.topology;

import io.fuseline.enrichment.price.PriceBook;
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
import io.fuseline.stream.judge.CommandEvent;
import io.fuseline.stream.judge.DeltaSum;
import io.fuseline.stream.judge.Raises;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spans in, commands out. Read {@link #build()} from top to bottom: it is the data's way. */
public final class CostTopology {
  static final String SCOPE_DELTAS = "scope-deltas";

  static final String COMMAND_EVENTS = "command-events";

  static final String RETURNED_SPANS = "returned-spans";

  static final String OUTCOMES_BY_RUN = "outcomes-by-run";

  private static final Logger LOG = LoggerFactory.getLogger(CostTopology.class);

  private final StreamsBuilder builder;
  private final RecordSerdes serdes;
  private final TopologySettings settings;
  private final FuselineMetrics metrics;
  private final StateMemory memory;
  private final PriceFeed prices;
  private final RepricingTurns repricingTurns = new RepricingTurns(System::nanoTime);
  private final PolicyBook policies = new PolicyBook();
  private final BaselineBook baselines = new BaselineBook();
  private final DecisionBook decisions = new DecisionBook();
  private final Heartbeat heartbeat = new Heartbeat();

  /**
   * @param config of the application; its TopologyConfig checks that every internal resource is
   *     named, and its cache bytes bound what is kept of state between commits
   * @param serdes of the records on topics
   */
  public CostTopology(
      StreamsConfig config,
      RecordSerdes serdes,
      TopologySettings settings,
      FuselineMetrics metrics) {
    this.builder = new StreamsBuilder(new TopologyConfig(config));
    this.serdes = serdes;
    this.settings = settings;
    this.metrics = metrics;
    this.memory = new StateMemory(config.getLong(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG));
    this.prices = new PriceFeed(settings.currency(), settings.unpricedBound());
  }

  public Topology build() {
    follow(
        settings.topics().prices().name(),
        "prices",
        Serdes.String(),
        serdes.of(PriceEntry.class),
        this::onPrice);
    follow(
        settings.topics().policies().name(),
        "policies",
        Serdes.String(),
        serdes.of(PolicyDocument.class),
        this::onPolicy);
    follow(
        settings.topics().agentBaselines().name(),
        "baselines",
        Serdes.Bytes(),
        Serdes.Bytes(),
        baselines::put);

    KStream<byte[], byte[]> raw =
        builder.stream(
            settings.topics().agentSpans().name(),
            Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("read-spans"));
    KStream<String, Arrival> atHome =
        returnMisplaced(
            raw.process(door(Placement.of(settings.spanPartitions())), Named.as("check-spans")));
    KStream<Object, Object> judged =
        withOutcomes(atHome).process(runProcessor(), Named.as("judge-run"));
    writeVerdicts(judged, "run");
    writePricedSpans(judged);
    writeCorrections(judged);
    KStream<Object, Object> scopes =
        deltasByScope(judged).process(scopeProcessor(), Named.as("judge-scope"));
    writeVerdicts(scopes, "scope");
    writeRollups(scopes);
    writeBaselines(scopes);
    write(
        commandEvents().process(commandProcessor(), Named.as("watch-commands")),
        Alert.class,
        settings.topics().costAlerts().name(),
        "alerts-by-watch");
    takeInOtlpSpans();
    follow(
        settings.topics().decisions().name(),
        "decisions",
        Serdes.String(),
        serdes.of(Decision.class),
        this::onDecision);
    return builder.build();
  }

  /** Prices as of now; filled while the application runs. */
  public PriceBook prices() {
    return prices.book();
  }

  /** Policies in force; filled while the application runs. */
  public PolicyBook policies() {
    return policies;
  }

  /** Temporary raises of caps; filled while the application runs. */
  public Raises raises() {
    return decisions;
  }

  /** When the processors were last at work. */
  public Heartbeat heartbeat() {
    return heartbeat;
  }

  private <K, V> void follow(
      String topic, String name, Serde<K> keys, Serde<V> values, BiConsumer<K, V> listener) {
    StoreBuilder<?> nothing =
        org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore("followed-" + name),
                keys,
                values)
            .withLoggingDisabled();
    builder.addGlobalStore(
        nothing,
        topic,
        Consumed.with(keys, values).withName("read-" + name),
        Follower.of(listener));
  }

  private void onPrice(String priceId, PriceEntry entry) {
    try {
      prices.follow(priceId, entry);
    } catch (IllegalArgumentException e) {
      metrics.deadLetter("price_refused");
      LOG.error("Price {} is refused; the one before stays. {}", priceId, e.getMessage());
    }
  }

  private void onPolicy(String policyId, PolicyDocument document) {
    if (document == null) {
      policies.remove(policyId);
      return;
    }
    try {
      PolicyFile.parse(document.getSource(), document.getSourceName())
          .forEach(parsed -> policies.put(parsed.policy()));
    } catch (PolicyFileException e) {
      metrics.deadLetter("policy_refused");
      LOG.error("Policy {} is refused; the version before stays. {}", policyId, e.getMessage());
    }
  }

  private void onDecision(String target, Decision decision) {
    String fault = decisions.follow(decision);
    if (fault != null) {
      metrics.deadLetter("decision_refused");
      LOG.error("Decision {} of {} is refused: {}", decision.getDecisionId(), target, fault);
    }
  }

  /** Spans that lie in another partition than their root run's take one more hop. */
  private KStream<String, Arrival> returnMisplaced(KStream<String, Arrival> arrivals) {
    Map<String, KStream<String, Arrival>> branches =
        arrivals
            .split(Named.as("span-"))
            .branch((root, arrival) -> arrival.misplaced() != null, Branched.as("misplaced"))
            .defaultBranch(Branched.as("at-home"));
    KStream<String, Arrival> returned =
        branches
            .get("span-misplaced")
            .map(
                (root, arrival) -> KeyValue.pair(root, arrival.misplaced()), Named.as("take-bytes"))
            .repartition(
                Repartitioned.with(Serdes.String(), Serdes.ByteArray()).withName(RETURNED_SPANS))
            .map(
                (root, bytes) -> KeyValue.pair(root.getBytes(StandardCharsets.UTF_8), bytes),
                Named.as("take-key"))
            .process(door(Placement.alwaysHome()), Named.as("check-returned-spans"));
    return branches.get("span-at-home").merge(returned, Named.as("all-at-home"));
  }

  /**
   * Outcomes come to where their run's spans are by one more hop each, as the bytes they came in:
   * they are few, and it makes it right whatever they were keyed with, however they were
   * partitioned and however many partitions their topic has.
   */
  private KStream<String, RunInput> withOutcomes(KStream<String, Arrival> spans) {
    Repartitioned<String, byte[]> byRun =
        Repartitioned.with(Serdes.String(), Serdes.ByteArray()).withName(OUTCOMES_BY_RUN);
    KStream<String, OutcomeArrival> outcomes =
        builder.stream(
                settings.topics().outcomes().name(),
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("read-outcomes"))
            .process(outcomeDoor(), Named.as("check-outcomes"))
            .mapValues(OutcomeArrival::bytes, Named.as("take-outcome-bytes"))
            .repartition(
                settings.spanPartitions() > 0
                    ? byRun.withNumberOfPartitions(settings.spanPartitions())
                    : byRun)
            .map(
                (root, bytes) -> KeyValue.pair(root.getBytes(StandardCharsets.UTF_8), bytes),
                Named.as("take-outcome-key"))
            .process(outcomeDoor(), Named.as("check-outcomes-by-run"));
    return asInput(spans).merge(asInput(outcomes), Named.as("all-of-a-run"));
  }

  /** A stream is only read from: what is more special will do. */
  @SuppressWarnings("unchecked")
  private static KStream<String, RunInput> asInput(KStream<String, ? extends RunInput> stream) {
    return (KStream<String, RunInput>) stream;
  }

  private ProcessorSupplier<byte[], byte[], String, OutcomeArrival> outcomeDoor() {
    String topic = settings.topics().outcomes().name();
    Deserializer<Outcome> deserializer = serdes.of(Outcome.class).deserializer();
    return () -> new OutcomeDoor(deserializer, topic, settings.currency());
  }

  /**
   * OpenTelemetry batches become spans on the span topic, in the transaction that reads them. Last,
   * so that turning it on changes no other part.
   */
  private void takeInOtlpSpans() {
    if (!settings.readOtlpSpans()) {
      return;
    }
    Serializer<AgentSpan> serializer = serdes.of(AgentSpan.class).serializer();
    KStream<byte[], OtlpDoor.Out> taken =
        builder.stream(
                settings.topics().otlpSpans().name(),
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("read-otlp-spans"))
            .process(
                () -> new OtlpDoor(settings.topics(), serializer, metrics),
                Named.as("check-otlp-spans"));
    writeTaken(taken, false, settings.topics().agentSpans().name(), "otlp-spans");
    writeTaken(taken, true, settings.topics().deadLetters().name(), "otlp-dead-letters");
  }

  private static void writeTaken(
      KStream<byte[], OtlpDoor.Out> taken, boolean rejected, String topic, String name) {
    taken
        .filter((key, out) -> out.rejected() == rejected, Named.as("only-" + name))
        .mapValues(OtlpDoor.Out::bytes, Named.as("as-" + name))
        .to(topic, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("write-" + name));
  }

  private ProcessorSupplier<byte[], byte[], String, Arrival> door(Placement placement) {
    String topic = settings.topics().agentSpans().name();
    Deserializer<AgentSpan> deserializer = serdes.of(AgentSpan.class).deserializer();
    return () -> new SpanDoor(deserializer, placement, topic, metrics);
  }

  private ProcessorSupplier<String, RunInput, Object, Object> runProcessor() {
    return new StatefulSupplier<>(
        () ->
            new RunProcessor(
                settings,
                prices,
                repricingTurns,
                policies,
                baselines,
                decisions,
                metrics,
                heartbeat),
        Stores.ofRuns(memory));
  }

  private ProcessorSupplier<ScopeKey, DeltaSum, Object, Object> scopeProcessor() {
    return new StatefulSupplier<>(
        () -> new ScopeProcessor(settings, policies, decisions, metrics, heartbeat),
        Stores.ofScopes(memory));
  }

  private KStream<ScopeKey, DeltaSum> deltasByScope(KStream<Object, Object> judged) {
    return judged
        .filter((key, value) -> value instanceof DeltaSum, Named.as("only-deltas"))
        .map((key, value) -> KeyValue.pair((ScopeKey) key, (DeltaSum) value), Named.as("as-deltas"))
        .repartition(
            Repartitioned.with(Stores.SCOPE_KEYS, Stores.DELTAS)
                .withName(SCOPE_DELTAS)
                .withNumberOfPartitions(settings.scopePartitions()));
  }

  /**
   * Our own commands as they were committed, and what runtimes answer, together by target. The
   * extra hop makes it right whatever the answers were keyed with, and however they were
   * partitioned.
   */
  private KStream<String, CommandEvent> commandEvents() {
    KStream<String, CommandEvent> issued =
        builder.stream(
                settings.topics().agentCommands().name(),
                Consumed.with(Serdes.ByteArray(), serdes.of(Command.class))
                    .withName("read-commands"))
            .filter((key, command) -> command != null, Named.as("only-issued-commands"))
            .map(
                (key, command) -> byTarget(CommandEvent.of(command)),
                Named.as("as-issued-commands"));
    KStream<String, CommandEvent> answered =
        builder.stream(
                settings.topics().commandAcks().name(),
                Consumed.with(Serdes.ByteArray(), serdes.of(CommandAck.class))
                    .withName("read-command-acks"))
            .filter((key, ack) -> ack != null, Named.as("only-command-answers"))
            .map((key, ack) -> byTarget(CommandEvent.of(ack)), Named.as("as-command-answers"));
    return issued
        .merge(answered, Named.as("all-command-events"))
        .repartition(
            Repartitioned.with(Serdes.String(), Stores.COMMAND_EVENTS)
                .withName(COMMAND_EVENTS)
                .withNumberOfPartitions(settings.scopePartitions()));
  }

  private static KeyValue<String, CommandEvent> byTarget(CommandEvent event) {
    return KeyValue.pair(event.target(), event);
  }

  private ProcessorSupplier<String, CommandEvent, Object, Object> commandProcessor() {
    return new StatefulSupplier<>(() -> new CommandProcessor(metrics), Stores.ofCommands());
  }

  private void writeVerdicts(KStream<Object, Object> judged, String by) {
    write(judged, Command.class, settings.topics().agentCommands().name(), "commands-by-" + by);
    write(judged, Alert.class, settings.topics().costAlerts().name(), "alerts-by-" + by);
  }

  private void writePricedSpans(KStream<Object, Object> judged) {
    if (settings.writePricedSpans()) {
      write(judged, PricedSpan.class, settings.topics().pricedSpans().name(), "priced-spans");
    }
  }

  private void writeCorrections(KStream<Object, Object> judged) {
    write(judged, CostCorrection.class, settings.topics().costCorrections().name(), "corrections");
  }

  private void writeRollups(KStream<Object, Object> scopes) {
    write(scopes, CostRollup.class, settings.topics().costRollups().name(), "rollups");
  }

  private void writeBaselines(KStream<Object, Object> scopes) {
    scopes
        .filter((key, value) -> value instanceof Bytes, Named.as("only-baselines"))
        .map((key, value) -> KeyValue.pair((Bytes) key, (Bytes) value), Named.as("as-baselines"))
        .to(
            settings.topics().agentBaselines().name(),
            Produced.with(Serdes.Bytes(), Serdes.Bytes()).withName("write-baselines"));
  }

  private <T extends SpecificRecord> void write(
      KStream<Object, Object> from, Class<T> type, String topic, String name) {
    from.filter((key, value) -> type.isInstance(value), Named.as("only-" + name))
        .map((key, value) -> KeyValue.pair((String) key, type.cast(value)), Named.as("as-" + name))
        .to(topic, Produced.with(Serdes.String(), serdes.of(type)).withName("write-" + name));
  }

  /** A processor together with the stores it owns. */
  private record StatefulSupplier<K, V>(
      Supplier<Processor<K, V, Object, Object>> processor, Set<StoreBuilder<?>> owned)
      implements ProcessorSupplier<K, V, Object, Object> {
    @Override
    public Processor<K, V, Object, Object> get() {
      return processor.get();
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return owned;
    }
  }
}
