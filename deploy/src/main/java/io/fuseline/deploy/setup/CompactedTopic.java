package io.fuseline.deploy.setup;

import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A topic that holds one record per key, read and written as a whole: prices and policies.
 *
 * @param <T> generated class of the records
 */
public final class CompactedTopic<T extends SpecificRecord> {
  /** How long the cluster may be silent while we read. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(200);

  private final String name;
  private final Class<T> type;
  private final Map<String, Object> settings;

  /**
   * @param settings of Kafka clients and of the serde; others are ignored
   */
  public CompactedTopic(String name, Class<T> type, Map<String, ?> settings) {
    this.name = name;
    this.type = type;
    this.settings = Map.copyOf(settings);
  }

  /**
   * The newest record of each key, in the order in which the keys first came; deleted keys are left
   * out.
   *
   * @throws MissingTopicException when there is no such topic
   * @throws TimeoutException when the cluster does not answer
   * @throws KafkaException when a record cannot be read
   */
  public Map<String, T> read() {
    Map<String, T> newest = new LinkedHashMap<>();
    try (AvroDeserializer<T> deserializer = new AvroDeserializer<>(type)) {
      deserializer.configure(settings, false);
      try (var consumer =
          new KafkaConsumer<>(consumerSettings(), new StringDeserializer(), deserializer)) {
        List<TopicPartition> partitions = partitions(consumer);
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long silentSince = System.nanoTime();
        while (ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
          var records = consumer.poll(POLL);
          for (ConsumerRecord<String, T> record : records) {
            put(newest, record);
          }
          if (!records.isEmpty()) {
            silentSince = System.nanoTime();
          } else if (System.nanoTime() - silentSince > SILENCE.toNanos()) {
            throw new TimeoutException(
                "no record of topic " + name + " came within " + SILENCE.toSeconds() + " s");
          }
        }
      }
    }
    return newest;
  }

  /**
   * Writes records, and returns when all are stored.
   *
   * @param records by key; a null value deletes the key
   * @param stored is told of each record stored, by the number 1, on a thread of its own
   * @throws KafkaException when a record could not be stored; those before it may be
   */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
  public void write(Map<String, T> records, LongConsumer stored) {
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (AvroSerializer<T> serializer = new AvroSerializer<>(type)) {
      serializer.configure(settings, false);
      try (var producer =
          new KafkaProducer<>(producerSettings(), new StringSerializer(), serializer)) {
        records.forEach(
            (key, record) ->
                producer.send(
                    new ProducerRecord<>(name, key, record),
                    (metadata, problem) -> {
                      if (problem == null) {
                        stored.accept(1);
                      } else {
                        failure.compareAndSet(null, problem);
                      }
                    }));
        producer.flush();
      }
    }
    if (failure.get() != null) {
      throw failure.get() instanceof KafkaException cause
          ? cause
          : new KafkaException("Cannot write to topic " + name, failure.get());
    }
  }

  private void put(Map<String, T> newest, ConsumerRecord<String, T> record) {
    if (record.value() == null) {
      newest.remove(record.key());
    } else {
      newest.put(record.key(), record.value());
    }
  }

  private List<TopicPartition> partitions(KafkaConsumer<String, T> consumer) {
    List<PartitionInfo> found = consumer.partitionsFor(name);
    if (found == null || found.isEmpty()) {
      throw new MissingTopicException(name);
    }
    return found.stream()
        .map(partition -> new TopicPartition(name, partition.partition()))
        .toList();
  }

  private Map<String, Object> consumerSettings() {
    Map<String, Object> consumer = new HashMap<>(settings);
    consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    consumer.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return consumer;
  }

  private Map<String, Object> producerSettings() {
    Map<String, Object> producer = new HashMap<>(settings);
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    // Many small records at once: a little patience makes full batches.
    producer.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    return producer;
  }
}
