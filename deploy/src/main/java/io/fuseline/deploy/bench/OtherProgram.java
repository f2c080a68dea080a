package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a program that the pipeline is compared with is told, and how it answers: one line after the
 * warm-up and one at the end, each with how many records were done, a reading of the process, and
 * the CPU time of servers it has started.
 *
 * @param settings those of {@link RungApplication}
 */
record OtherProgram(Properties settings, PrintStream out) {
  private static final Duration POLL = Duration.ofMillis(100);

  static OtherProgram ofFile(Path file) throws IOException {
    Properties settings = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      settings.load(in);
    }
    return new OtherProgram(settings, new PrintStream(System.out, true, StandardCharsets.UTF_8));
  }

  Rung rung() {
    return Rung.valueOf(settings.getProperty(RungApplication.RUNG));
  }

  /** Where state is kept. */
  Path folder() {
    return Path.of(settings.getProperty(RungApplication.STATE_DIR));
  }

  String name() {
    return settings.getProperty(RungApplication.APPLICATION_ID);
  }

  String spansTopic() {
    return settings.getProperty(RungApplication.SPANS_TOPIC);
  }

  String bootstrapServers() {
    return settings.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
  }

  int commitMs() {
    return Integer.parseInt(settings.getProperty(RungApplication.COMMIT_MS));
  }

  /** Records of the warm-up. */
  long warmUp() {
    return offsets().stream().mapToLong(Long::longValue).sum();
  }

  List<TopicPartition> partitions() {
    return IntStream.range(0, offsets().size())
        .mapToObj(partition -> new TopicPartition(spansTopic(), partition))
        .toList();
  }

  Map<String, Object> registrySettings() {
    return Map.of(
        RegistrySettings.SCHEMA_REGISTRY_URL,
        settings.getProperty(RegistrySettings.SCHEMA_REGISTRY_URL));
  }

  /** As the pipeline's consumers read. */
  Properties consumerSettings() {
    Properties consumer = new Properties();
    consumer.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    consumer.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    consumer.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    consumer.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1000");
    return consumer;
  }

  ByteArrayDeserializer keyDeserializer() {
    return new ByteArrayDeserializer();
  }

  AvroDeserializer<AgentSpan> spanDeserializer() {
    AvroDeserializer<AgentSpan> deserializer = new AvroDeserializer<>(AgentSpan.class);
    deserializer.configure(registrySettings(), false);
    return deserializer;
  }

  /**
   * How far it is now.
   *
   * @param records done so far
   * @param serverCpuNanos CPU time of servers it has started
   */
  static OtherReading reading(long records, long serverCpuNanos) {
    return new OtherReading(records, serverCpuNanos, Reading.now());
  }

  /** Says how far it was. Only what is right is told last: check first. */
  void tell(OtherReading reading) {
    out.println(reading.toLine());
  }

  /** Where these topics end. */
  Map<TopicPartition, Long> ends(String... topics) {
    try (KafkaConsumer<byte[], byte[]> consumer = bytesConsumer()) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) {
        consumer
            .partitionsFor(topic)
            .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
      }
      return consumer.endOffsets(partitions);
    }
  }

  /**
   * Takes all committed records once.
   *
   * @param ends up to where, by partition
   */
  void read(Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
    try (KafkaConsumer<byte[], byte[]> consumer = bytesConsumer()) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      while (ends.keySet().stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
            taker.accept(record);
          }
        }
      }
    }
  }

  /**
   * What the spans add up to, in memory, for {@link #check}.
   *
   * @param ends up to where, by partition
   */
  Map<SpendKey, Spend> sums(Map<TopicPartition, Long> ends) {
    Map<SpendKey, Spend> sums = new HashMap<>();
    Map<String, ModelPrices> prices = ModelPrices.defaults();
    try (AvroDeserializer<AgentSpan> deserializer = spanDeserializer()) {
      read(
          ends,
          record -> {
            AgentSpan span = deserializer.deserialize(record.topic(), record.value());
            Spend spend = ModelPrices.spend(span, prices.get(ModelPrices.key(span)));
            keys(span).forEach(key -> sums.merge(key, spend, Spend::plus));
          });
    }
    return sums;
  }

  /**
   * A sum that is wrong would be no comparison.
   *
   * @throws BenchException when a sum differs, is missing or is one too many
   */
  static void check(Map<SpendKey, Spend> expected, Map<SpendKey, Spend> counted) {
    Set<SpendKey> keys = new LinkedHashSet<>(expected.keySet());
    keys.addAll(counted.keySet());
    for (SpendKey key : keys) {
      if (!Objects.equals(expected.get(key), counted.get(key))) {
        throw new BenchException(
            key + " was counted as " + counted.get(key) + ", expected " + expected.get(key));
      }
    }
  }

  /**
   * A failure whose causes stand last in the log, one line each, where the end of the log is shown:
   * the stack of a job is longer than that.
   */
  static BenchException failed(Exception failure) {
    failure.printStackTrace();
    StringBuilder causes = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      causes.append(causes.isEmpty() ? "" : "\n  by ").append(cause);
    }
    BenchException exception = new BenchException(causes.toString());
    exception.setStackTrace(new StackTraceElement[0]);
    return exception;
  }

  /** All sums a span belongs to. */
  static List<SpendKey> keys(AgentSpan span) {
    long millis = span.getEndTime().toEpochMilli();
    List<SpendKey> keys = new ArrayList<>();
    for (SpendDimension dimension : SpendDimension.values()) {
      if (dimension.has(span)) {
        String value = dimension.key(span);
        for (SpendWindow window : SpendWindow.values()) {
          keys.add(new SpendKey(dimension, value, window, window.start(millis)));
        }
      }
    }
    return keys;
  }

  /** The sum that goes by these labels. */
  static SpendKey key(String dimension, String value, String window, long start) {
    return new SpendKey(
        Arrays.stream(SpendDimension.values())
            .filter(each -> each.label().equals(dimension))
            .findFirst()
            .orElseThrow(),
        value,
        Arrays.stream(SpendWindow.values())
            .filter(each -> each.label().equals(window))
            .findFirst()
            .orElseThrow(),
        start);
  }

  private KafkaConsumer<byte[], byte[]> bytesConsumer() {
    return new KafkaConsumer<>(consumerSettings(), keyDeserializer(), keyDeserializer());
  }

  private List<Long> offsets() {
    return Arrays.stream(settings.getProperty(RungApplication.WARM_UP).split(","))
        .map(Long::valueOf)
        .toList();
  }
}
