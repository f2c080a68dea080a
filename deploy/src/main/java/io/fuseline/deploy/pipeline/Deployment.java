package io.fuseline.deploy.pipeline;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.setup.TopicSetup;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A deployment of its own on a local stack: own topics, own application, the pipeline in a process
 * that can be killed.
 */
public final class Deployment implements AutoCloseable {
  private final LocalStack stack;
  private final String name;
  private final Topics topics;
  private final Path folder;
  private final int httpPort;
  private final List<Process> processes = new ArrayList<>();

  /** One for all questions: tests ask every few milliseconds. */
  private final Admin admin;

  private Deployment(LocalStack stack, String name, Path folder) throws IOException {
    this.stack = stack;
    this.name = name;
    this.folder = folder;
    this.topics = Topics.defaults().withPrefix(name + ".");
    try (ServerSocket socket = new ServerSocket(0)) {
      this.httpPort = socket.getLocalPort();
    }
    this.admin = Admin.create(clientSettings());
  }

  /** Creates topics, prices and policies; the pipeline is not started yet. */
  public static Deployment create(LocalStack stack, String name, Path folder, String policies)
      throws IOException {
    Deployment deployment = new Deployment(stack, name, folder);
    TopicSetup.create(deployment.admin, deployment.topics.all(), OptionalInt.of(1));
    SchemaRegistration.registerAll(deployment.clientSettings(), deployment.topics.all());
    Map<String, PriceEntry> prices = new LinkedHashMap<>();
    DefaultPrices.load().forEach(price -> prices.put(price.getPriceId(), price));
    new CompactedTopic<>(
            deployment.topics.prices().name(), PriceEntry.class, deployment.clientSettings())
        .write(prices, stored -> {});
    Map<String, PolicyDocument> documents = new LinkedHashMap<>();
    for (ParsedPolicy parsed : PolicyFile.parse(policies, name + ".yaml")) {
      documents.put(
          parsed.policy().id(),
          PolicyDocument.newBuilder()
              .setPolicyId(parsed.policy().id())
              .setVersion(parsed.policy().version())
              .setSource(parsed.source())
              .setCompiled(parsed.compiled())
              .setAppliedAt(Instant.now())
              .build());
    }
    new CompactedTopic<>(
            deployment.topics.policies().name(), PolicyDocument.class, deployment.clientSettings())
        .write(documents, stored -> {});
    return deployment;
  }

  /** Its topics, under their prefix. */
  public Topics topics() {
    return topics;
  }

  /** Port of the pipeline's HTTP server, on the loopback address. */
  public int httpPort() {
    return httpPort;
  }

  /** The addresses of broker and registry under the names Kafka clients and our serdes know. */
  public Map<String, Object> clientSettings() {
    return Map.of(
        "bootstrap.servers", stack.bootstrapServers(), "schema.registry.url", stack.registryUrl());
  }

  /** Starts the pipeline in a process of its own. */
  public Process startPipeline() throws IOException {
    return startPipeline(Map.of());
  }

  /**
   * The same, with settings of {@link io.fuseline.stream.service.ServiceSettings} that differ from
   * their defaults.
   */
  public Process startPipeline(Map<String, String> settings) throws IOException {
    return startPipeline("pipeline", httpPort, settings);
  }

  /**
   * A further instance of the same application, which shares the work.
   *
   * @param instance names its files
   */
  public Process startPipeline(String instance, int port, Map<String, String> settings)
      throws IOException {
    Path config = folder.resolve(instance + ".properties");
    Properties properties = new Properties();
    // A killed member is noticed after this long; the default of 10 s would only make the test
    // slow.
    properties.setProperty("session.ms", "6000");
    properties.setProperty("rollup.every", "PT1S");
    properties.setProperty("rollup.grace", "PT1S");
    settings.forEach(properties::setProperty);
    try (var out = Files.newBufferedWriter(config)) {
      properties.store(out, null);
    }
    String home = System.getProperty("fuseline.home");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Path.of(home, "lib", "*").toString(),
                "io.fuseline.deploy.cli.Fuseline",
                "stream",
                "--bootstrap-servers",
                stack.bootstrapServers(),
                "--registry-url",
                stack.registryUrl(),
                "--topic-prefix",
                name + ".",
                "--application-id",
                name,
                "--state-dir",
                folder.resolve(instance + "-state").toString(),
                "--http-port",
                String.valueOf(port),
                "--config",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve(instance + ".log").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  /** As a machine that loses power: nothing is flushed, nothing is said. */
  public static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** Records of agents, keyed as the sender chooses. */
  public KafkaProducer<String, AgentSpan> spanProducer() {
    Map<String, Object> settings = new LinkedHashMap<>(clientSettings());
    settings.put("acks", "all");
    settings.put("linger.ms", "5");
    AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
    serializer.configure(settings, false);
    return new KafkaProducer<>(settings, new StringSerializer(), serializer);
  }

  /** Everything that stands on a topic now, in the order of each partition. */
  public <T extends SpecificRecord> List<ConsumerRecord<String, T>> readAll(
      TopicSpec topic, Class<T> type, String isolation) {
    AvroDeserializer<T> deserializer = new AvroDeserializer<>(type);
    deserializer.configure(clientSettings(), false);
    return readAll(topic, new StringDeserializer(), deserializer, isolation);
  }

  private <K, V> List<ConsumerRecord<K, V>> readAll(
      TopicSpec topic, Deserializer<K> keys, Deserializer<V> values, String isolation) {
    Map<String, Object> settings = new LinkedHashMap<>(clientSettings());
    settings.put("isolation.level", isolation);
    settings.put("enable.auto.commit", "false");
    List<ConsumerRecord<K, V>> all = new ArrayList<>();
    try (KafkaConsumer<K, V> consumer = new KafkaConsumer<>(settings, keys, values)) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(all::add);
      }
    }
    return all;
  }

  /** What could not be processed, as it came. */
  public List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return readAll(
        topics.deadLetters(),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        "read_committed");
  }

  /** How much was written to a topic so far, committed or not; transaction markers count too. */
  public long written(TopicSpec topic) {
    return ends(partitions(topic)).values().stream().mapToLong(Long::longValue).sum();
  }

  private static List<TopicPartition> partitions(TopicSpec topic) {
    return IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
        .toList();
  }

  private Map<TopicPartition, Long> ends(Collection<TopicPartition> of) {
    Map<TopicPartition, OffsetSpec> latest = new LinkedHashMap<>();
    of.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new LinkedHashMap<>();
    await(admin.listOffsets(latest).all())
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  private static <T> T await(KafkaFuture<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Records that the pipeline has not committed yet, over all topics it reads in its group. */
  public long lag() {
    Map<TopicPartition, Long> committed = committedOffsets();
    return ends(committed.keySet()).entrySet().stream()
        .mapToLong(end -> end.getValue() - committed.get(end.getKey()))
        .sum();
  }

  /** Records that the pipeline has committed so far, over all topics it reads in its group. */
  public long committed() {
    return committedOffsets().values().stream().mapToLong(Long::longValue).sum();
  }

  /** True while the broker has a transaction open; of any application on this stack. */
  public boolean hasOpenTransaction() {
    ListTransactionsOptions open =
        new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
    return !await(admin.listTransactions(open).all()).isEmpty();
  }

  private Map<TopicPartition, Long> committedOffsets() {
    Map<TopicPartition, Long> committed = new LinkedHashMap<>();
    partitions(topics.agentSpans()).forEach(partition -> committed.put(partition, 0L));
    partitions(topics.outcomes()).forEach(partition -> committed.put(partition, 0L));
    await(admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata())
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                committed.put(partition, offset.offset());
              }
            });
    return committed;
  }

  @Override
  public void close() throws InterruptedException {
    for (Process process : processes) {
      if (process.isAlive()) {
        kill(process);
      }
    }
    admin.close();
  }
}
