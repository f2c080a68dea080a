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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
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

  /** Says how far it is. */
  void tell(long records, long serverCpuNanos) {
    out.println(new OtherReading(records, serverCpuNanos, Reading.now()).toLine());
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

  private List<Long> offsets() {
    return Arrays.stream(settings.getProperty(RungApplication.WARM_UP).split(","))
        .map(Long::valueOf)
        .toList();
  }
}
