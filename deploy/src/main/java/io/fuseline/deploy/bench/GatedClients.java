package io.fuseline.deploy.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Gives Kafka Streams its usual clients, but for the main consumer: at a gate it stops before given
 * offsets until the gate is opened. So the warm-up is worked off to the last derived record before
 * the measured records come, and neither has to carry the other's work. An open gate costs one look
 * at a field per poll.
 *
 * <p>Public only because Kafka Streams makes the instance, by the name of the class.
 */
public final class GatedClients implements KafkaClientSupplier {
  /** First offset behind the gate, by partition; empty: open. One per process, as is the rung. */
  private static volatile Map<TopicPartition, Long> gate = Map.of();

  /** Closes the gate before the given offsets. */
  static void holdAt(Map<TopicPartition, Long> offsets) {
    gate = Map.copyOf(offsets);
  }

  static void open() {
    gate = Map.of();
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new GatedConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static final class GatedConsumer extends KafkaConsumer<byte[], byte[]> {
    private final Set<TopicPartition> held = new HashSet<>();

    GatedConsumer(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      Map<TopicPartition, Long> limits = gate;
      if (!limits.isEmpty()) {
        // Kafka Streams resumes partitions as it sees fit, so they are paused before each poll.
        pause(heldAndAssigned());
        return before(limits, super.poll(timeout));
      }
      if (!held.isEmpty()) {
        resume(heldAndAssigned());
        held.clear();
      }
      return super.poll(timeout);
    }

    private Set<TopicPartition> heldAndAssigned() {
      Set<TopicPartition> both = new HashSet<>(held);
      both.retainAll(assignment());
      return both;
    }

    private ConsumerRecords<byte[], byte[]> before(
        Map<TopicPartition, Long> limits, ConsumerRecords<byte[], byte[]> polled) {
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> passed = new HashMap<>();
      Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(polled.nextOffsets());
      for (TopicPartition partition : polled.partitions()) {
        List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
        Long limit = limits.get(partition);
        ConsumerRecord<byte[], byte[]> last = records.get(records.size() - 1);
        if (limit != null && last.offset() >= limit - 1) {
          held.add(partition);
          seek(partition, limit);
          next.put(partition, new OffsetAndMetadata(limit, last.leaderEpoch(), ""));
          records = records.stream().filter(record -> record.offset() < limit).toList();
        }
        if (!records.isEmpty()) {
          passed.put(partition, records);
        }
      }
      return new ConsumerRecords<>(passed, next);
    }
  }
}
