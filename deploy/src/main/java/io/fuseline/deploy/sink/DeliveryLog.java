package io.fuseline.deploy.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.setup.MissingTopicException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What became of alerts and commands at the sink's destinations, as it stands on its topic. */
public final class DeliveryLog {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final String topic;
  private final Map<String, Object> settings;

  /**
   * @param settings of Kafka clients; others are ignored
   */
  public DeliveryLog(String topic, Map<String, ?> settings) {
    this.topic = topic;
    this.settings = new HashMap<>(settings);
  }

  /**
   * Deliveries that ended since an instant, oldest first.
   *
   * @param wanted which to keep
   * @throws MissingTopicException when there is no such topic
   * @throws TimeoutException when the cluster does not answer
   */
  public List<JsonNode> read(Instant since, Predicate<JsonNode> wanted) {
    var config = new HashMap<>(settings);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    var decoder = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(config, decoder, decoder)) {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw new MissingTopicException(topic);
      }
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions);
      seek(consumer, partitions, ends, since);
      var found = new ArrayList<JsonNode>();
      var last = System.nanoTime();
      while (!ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        for (var record : consumer.poll(POLL)) {
          last = System.nanoTime();
          var delivery = parse(record.value());
          if (delivery != null && wanted.test(delivery)) {
            found.add(delivery);
          }
        }
        if (System.nanoTime() - last > SILENCE.toNanos()) {
          throw new TimeoutException(
              "No record of " + topic + " within " + SILENCE.toSeconds() + " s");
        }
      }
      found.sort(Comparator.comparing(delivery -> delivery.path("ended_at").asText()));
      return found;
    }
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends,
      Instant since) {
    var times = new HashMap<TopicPartition, Long>();
    partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
    consumer
        .offsetsForTimes(times)
        .forEach(
            (partition, found) ->
                consumer.seek(partition, found == null ? ends.get(partition) : found.offset()));
  }

  private static JsonNode parse(byte[] value) {
    try {
      return value == null ? null : JSON.readTree(value);
    } catch (IOException e) {
      return null; // not ours
    }
  }
}
