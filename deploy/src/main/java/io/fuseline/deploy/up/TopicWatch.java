package io.fuseline.deploy.up;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the output topics into a {@link Scoreboard}, from their present end on: commands as agents
 * read them, before their transaction commits; all else when it is committed.
 */
final class TopicWatch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, Object> clients;
  private final List<Reader> readers = new ArrayList<>();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

  private TopicWatch(Map<String, Object> clients) {
    this.clients = clients;
  }

  /** Starts reading; what is written after this has returned is read. */
  static TopicWatch start(Map<String, Object> clients, Topics topics, Scoreboard board) {
    TopicWatch watch = new TopicWatch(clients);
    watch.read(
        "read_uncommitted",
        Map.of(topics.agentCommands().name(), watch.decoder(Command.class, board::onCommand)));
    watch.read(
        "read_committed",
        Map.of(
            topics.pricedSpans().name(), watch.decoder(PricedSpan.class, board::onSpan),
            topics.costAlerts().name(),
                watch.decoder(Alert.class, (alert, readAt) -> board.onAlert(alert)),
            topics.commandAcks().name(),
                watch.decoder(CommandAck.class, (ack, readAt) -> board.onAck(ack))));
    return watch;
  }

  /** Why reading has ended; empty while it goes on. */
  Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure.get());
  }

  @Override
  public void close() {
    readers.forEach(Reader::close);
  }

  private void read(
      String isolation, Map<String, BiConsumer<ConsumerRecord<byte[], byte[]>, Instant>> byTopic) {
    Reader reader = new Reader(isolation, byTopic);
    readers.add(reader);
    reader.thread.start();
  }

  private <T extends SpecificRecord> BiConsumer<ConsumerRecord<byte[], byte[]>, Instant> decoder(
      Class<T> type, BiConsumer<T, Instant> to) {
    AvroDeserializer<T> deserializer = new AvroDeserializer<>(type);
    deserializer.configure(clients, false);
    return (record, readAt) ->
        to.accept(deserializer.deserialize(record.topic(), record.value()), readAt);
  }

  /** One consumer on a thread of its own. */
  private final class Reader {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, BiConsumer<ConsumerRecord<byte[], byte[]>, Instant>> byTopic;
    private final Thread thread;

    Reader(
        String isolation,
        Map<String, BiConsumer<ConsumerRecord<byte[], byte[]>, Instant>> byTopic) {
      this.byTopic = byTopic;
      Map<String, Object> settings = new HashMap<>(clients);
      settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
      settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
      consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      List<TopicPartition> partitions =
          byTopic.keySet().stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(found -> new TopicPartition(found.topic(), found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      thread = new Thread(this::run, "watch-" + isolation);
      thread.setDaemon(true);
    }

    private void run() {
      try (consumer) {
        while (true) {
          var records = consumer.poll(POLL);
          Instant readAt = Instant.now();
          for (ConsumerRecord<byte[], byte[]> record : records) {
            byTopic.get(record.topic()).accept(record, readAt);
          }
        }
      } catch (WakeupException closed) {
        // This is how close() ends it.
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    }

    void close() {
      consumer.wakeup();
      try {
        thread.join(Duration.ofSeconds(5).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
