package io.fuseline.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.deploy.progress.Progress;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.setup.TopicSetup;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.CleanupPolicy;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The broker and the registry of the bench, and what has to stand on them. */
final class BenchCluster {
  /** Every rung reads these records. */
  static final String SPANS = "bench-spans";

  /** Where the rung that only writes writes to. */
  static final String COPY = "bench-copy";

  /** What models cost, for the rung by the book. */
  static final String MODEL_PRICES = "bench-model-prices";

  static final int PARTITIONS = 6;

  private static final String PRICES = "bench-prices";
  private static final String POLICIES = "bench-policies";
  private static final String POLICY_RESOURCE = "/io/fuseline/policies/default-policies.yaml";
  private static final String AGENT_CAP = "limit: \"200\"";
  private static final String QUIET_CAP = "limit: \"1000000\"";
  private static final Duration EVENT_TIME = Duration.ofMinutes(10);
  private static final long SEED = 42;

  private final LocalStack stack;
  private final Path folder;
  private final Admin admin;
  private final List<String> jvmOptions;

  /**
   * @param folder for topic files
   * @param jvmOptions of each process that works on it
   */
  BenchCluster(LocalStack stack, Path folder, Admin admin, List<String> jvmOptions) {
    this.stack = stack;
    this.folder = folder;
    this.admin = admin;
    this.jvmOptions = List.copyOf(jvmOptions);
  }

  List<String> jvmOptions() {
    return jvmOptions;
  }

  /**
   * The records that every rung reads.
   *
   * @param topic where they are
   * @param warmUp records of the warm-up, by partition; they come first
   * @param ends all records, by partition
   * @param bytes mean size of a record's value
   * @param runs root runs among them
   */
  record Load(
      String topic,
      Map<TopicPartition, Long> warmUp,
      Map<TopicPartition, Long> ends,
      double bytes,
      int runs) {
    long records() {
      return ends.values().stream().mapToLong(Long::longValue).sum();
    }

    long warmUpRecords() {
      return warmUp.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  Map<String, Object> clientSettings() {
    return Map.of(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        stack.bootstrapServers(),
        RegistrySettings.SCHEMA_REGISTRY_URL,
        stack.registryUrl());
  }

  Admin admin() {
    return admin;
  }

  /** Writes default prices and policies. */
  void prepare() {
    prepare(defaultPolicies());
  }

  /** Writes default prices, and these policies. */
  void prepare(String yaml) {
    Topics topics = topicsOf("bench");
    TopicSetup.create(
        admin,
        List.of(topics.prices(), topics.policies(), copyTopic(), modelPricesTopic()),
        OptionalInt.of(1));
    SchemaRegistration.registerAll(
        clientSettings(), List.of(topics.prices(), topics.policies(), copyTopic()));
    Map<String, PriceEntry> prices = new LinkedHashMap<>();
    DefaultPrices.load().forEach(price -> prices.put(price.getPriceId(), price));
    new CompactedTopic<>(PRICES, PriceEntry.class, clientSettings()).write(prices, stored -> {});
    writeModelPrices();
    apply(yaml);
  }

  /** Puts policies in force beside those that are. */
  void apply(String yaml) {
    Map<String, PolicyDocument> policies = new LinkedHashMap<>();
    for (ParsedPolicy parsed : PolicyFile.parse(yaml, POLICY_RESOURCE)) {
      policies.put(
          parsed.policy().id(),
          PolicyDocument.newBuilder()
              .setPolicyId(parsed.policy().id())
              .setVersion(parsed.policy().version())
              .setSource(parsed.source())
              .setCompiled(parsed.compiled())
              .setAppliedAt(Instant.now())
              .build());
    }
    new CompactedTopic<>(POLICIES, PolicyDocument.class, clientSettings())
        .write(policies, stored -> {});
  }

  /** Writes the records that every rung reads, with event times of the last ten minutes. */
  Load load(int spans, int warmUp, WorkloadShape shape, PrintWriter err) {
    return load(SPANS, spans, warmUp, shape, err);
  }

  /**
   * The same on a topic of their own.
   *
   * @param topic is made
   */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
  Load load(String topic, int spans, int warmUp, WorkloadShape shape, PrintWriter err) {
    Topics topics = Topics.load(topicsFile("bench", topic));
    TopicSetup.create(admin, List.of(topics.agentSpans()), OptionalInt.of(1));
    SchemaRegistration.registerAll(clientSettings(), List.of(topics.agentSpans()));
    Instant now = Instant.now();
    Workload workload = new Workload(SEED, shape, "run", spans, now.minus(EVENT_TIME), now);
    AtomicLong bytes = new AtomicLong();
    AtomicReference<Exception> failure = new AtomicReference<>();
    Map<TopicPartition, AtomicLong> warm = counters(topic);
    Map<TopicPartition, AtomicLong> all = counters(topic);
    try (KafkaProducer<String, AgentSpan> producer =
            spanProducer(
                Map.of(
                    ProducerConfig.LINGER_MS_CONFIG,
                    20,
                    ProducerConfig.BATCH_SIZE_CONFIG,
                    128 << 10,
                    // A topic just made may refuse the first batch and take the second, after which
                    // the first is out of order for good.
                    ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                    1));
        Progress progress = Progress.start("load", "spans", OptionalLong.of(spans), err)) {
      for (int sent = 0; workload.hasNext(); sent++) {
        AgentSpan span = workload.next();
        boolean isWarmUp = sent < warmUp;
        producer.send(
            new ProducerRecord<>(topic, span.getRootRunId(), span),
            (stored, problem) -> {
              if (problem != null) {
                failure.compareAndSet(null, problem);
                return;
              }
              TopicPartition partition = new TopicPartition(topic, stored.partition());
              all.get(partition).incrementAndGet();
              if (isWarmUp) {
                warm.get(partition).incrementAndGet();
              }
              bytes.addAndGet(stored.serializedValueSize());
              progress.advance(1);
            });
      }
      producer.flush();
    }
    if (failure.get() != null) {
      throw new BenchException(
          "The spans could not be written: " + failure.get().getMessage(), failure.get());
    }
    return new Load(
        topic, counts(warm), counts(all), bytes.get() / (double) spans, workload.runs());
  }

  /**
   * A producer of spans, keyed by root run.
   *
   * @param settings beyond the addresses
   */
  KafkaProducer<String, AgentSpan> spanProducer(Map<String, Object> settings) {
    Map<String, Object> all = producerSettings(settings);
    AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
    serializer.configure(all, false);
    return new KafkaProducer<>(all, new StringSerializer(), serializer);
  }

  /** The same, of spans that are encoded already. */
  KafkaProducer<String, byte[]> encodedSpanProducer(Map<String, Object> settings) {
    return new KafkaProducer<>(
        producerSettings(settings), new StringSerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> producerSettings(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(clientSettings());
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    all.putAll(settings);
    return all;
  }

  /** Topics of one run of the pipeline: its own, but for spans, prices and policies. */
  private Topics topicsOf(String run) {
    return Topics.load(topicsFile(run, SPANS));
  }

  /** Creates what is missing of a run's topics, and registers their schemas. */
  void create(Topics topics) {
    TopicSetup.create(admin, topics.all(), OptionalInt.of(1));
    SchemaRegistration.registerAll(clientSettings(), topics.all());
  }

  /** Removes what a run has left on the broker. */
  void remove(String run) {
    remove(name -> name.startsWith(run + ".") || name.startsWith(run + "-"), run);
  }

  /** Removes a topic. */
  void removeTopic(String topic) {
    remove(topic::equals, topic);
  }

  private void remove(Predicate<String> which, String run) {
    try {
      Collection<String> names = admin.listTopics().names().get().stream().filter(which).toList();
      admin.deleteTopics(names).all().get();
    } catch (ExecutionException e) {
      throw new BenchException("Topics of " + run + " cannot be removed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while topics were removed", e);
    }
  }

  /**
   * Writes the file that names a run's topics.
   *
   * @param spans the topic with its spans
   */
  Path topicsFile(String run, String spans) {
    ObjectNode names = new ObjectMapper().createObjectNode();
    for (TopicSpec topic : Topics.defaults().all()) {
      names.putObject(topic.name()).put("name", run + "." + topic.name());
    }
    names.putObject(Topics.defaults().agentSpans().name()).put("name", spans);
    names.putObject(Topics.defaults().prices().name()).put("name", PRICES);
    names.putObject(Topics.defaults().policies().name()).put("name", POLICIES);
    try {
      return Files.writeString(folder.resolve(run + "-topics.json"), names.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to " + folder, e);
    }
  }

  private void writeModelPrices() {
    try (KafkaProducer<String, ModelPrices> producer =
        new KafkaProducer<>(
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()),
            new StringSerializer(),
            ModelPrices.SERDE.serializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      ModelPrices.defaults()
          .forEach(
              (model, prices) ->
                  sent.add(producer.send(new ProducerRecord<>(MODEL_PRICES, model, prices))));
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new BenchException("The prices could not be written: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while prices were written", e);
    }
  }

  /** CPU time the broker has used so far. */
  long brokerCpuNanos() {
    return ProcessHandle.of(stack.broker().pid())
        .flatMap(broker -> broker.info().totalCpuDuration())
        .map(Duration::toNanos)
        .orElse(0L);
  }

  private static TopicSpec modelPricesTopic() {
    return new TopicSpec(
        MODEL_PRICES,
        "provider/model",
        Optional.empty(),
        1,
        CleanupPolicy.COMPACT,
        Optional.empty());
  }

  private static TopicSpec copyTopic() {
    return new TopicSpec(
        COPY,
        "root run id",
        Optional.of(AgentSpan.class),
        PARTITIONS,
        CleanupPolicy.DELETE,
        Optional.of(Duration.ofDays(1)));
  }

  private static Map<TopicPartition, AtomicLong> counters(String topic) {
    Map<TopicPartition, AtomicLong> counters = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      counters.put(new TopicPartition(topic, partition), new AtomicLong());
    }
    return counters;
  }

  private static Map<TopicPartition, Long> counts(Map<TopicPartition, AtomicLong> counters) {
    Map<TopicPartition, Long> counts = new HashMap<>();
    counters.forEach((partition, count) -> counts.put(partition, count.get()));
    return counts;
  }

  /**
   * The shipped ones, but what an agent may spend a day: all agents of the bench are sound, and the
   * busiest sends a hundred thousand spans. Were it stopped, nobody here would obey.
   */
  private static String defaultPolicies() {
    try (InputStream in = PolicyFile.class.getResourceAsStream(POLICY_RESOURCE)) {
      String shipped = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String quiet = shipped.replace(AGENT_CAP, QUIET_CAP);
      if (quiet.equals(shipped)) {
        throw new BenchException(POLICY_RESOURCE + " has no " + AGENT_CAP);
      }
      return quiet;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + POLICY_RESOURCE, e);
    }
  }
}
