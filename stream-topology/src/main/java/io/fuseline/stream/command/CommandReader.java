package io.fuseline.stream.command;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the whole command topic on a thread of its own, from an hour ago on, and hands commands to
 * a {@link CommandStream}. What cannot be read is logged and skipped; a broker or registry that is
 * away is waited for.
 */
public final class CommandReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandReader.class);

  /** As far as clients of the topic look back: a run that starts is stopped if its agent is. */
  private static final Duration LOOK_BACK = Duration.ofHours(1);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration PARTITION_CHECK = Duration.ofMinutes(1);

  private final String topic;
  private final CommandStream stream;
  private final AvroDeserializer<Command> decoder = new AvroDeserializer<>(Command.class);
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread = new Thread(this::run, "fuseline-command-reader");
  private volatile boolean closing;
  private long nextPartitionCheck;
  private boolean told;

  private CommandReader(
      String topic,
      CommandStream stream,
      Map<String, Object> clients,
      Map<String, Object> registry) {
    this.topic = topic;
    this.stream = stream;
    decoder.configure(registry, false);
    Map<String, Object> settings = new HashMap<>(clients);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // A command counts from when it is written: its transaction commits up to a second later, and
    // one from an aborted transaction comes again with the same id.
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Starts to read; neither broker nor registry need be there yet.
   *
   * @param topic name of the command topic
   * @param clients settings of Kafka clients, such as addresses and how to log in
   * @param registry see {@link io.fuseline.schemas.serde.RegistrySettings}
   */
  public static CommandReader start(
      String topic,
      CommandStream stream,
      Map<String, Object> clients,
      Map<String, Object> registry) {
    CommandReader reader = new CommandReader(topic, stream, clients, registry);
    reader.thread.setDaemon(true);
    reader.thread.start();
    return reader;
  }

  private void run() {
    try {
      while (!closing) {
        try {
          followPartitions();
          receive(consumer.poll(POLL));
          told = false;
        } catch (WakeupException e) {
          // close() sets the flag that the loop looks at.
        } catch (RuntimeException e) {
          if (!told) {
            told = true;
            LOG.warn("Commands cannot be read from {}; trying on: {}", topic, e.toString());
          }
          Thread.sleep(RETRY.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      decoder.close();
    }
  }

  /** Takes up all partitions at first, and later those that were added. */
  private void followPartitions() {
    long now = System.currentTimeMillis();
    if (now < nextPartitionCheck) {
      return;
    }
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    Set<TopicPartition> added = new HashSet<>(all);
    added.removeAll(consumer.assignment());
    if (!added.isEmpty()) {
      var ends = consumer.endOffsets(added);
      var starts =
          consumer.offsetsForTimes(
              added.stream().collect(Collectors.toMap(p -> p, p -> now - LOOK_BACK.toMillis())));
      consumer.assign(all);
      for (TopicPartition partition : added) {
        var start = starts.get(partition);
        consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
      }
    }
    nextPartitionCheck = now + PARTITION_CHECK.toMillis();
  }

  private void receive(ConsumerRecords<byte[], byte[]> records) {
    RegistryUnavailableException unavailable = null;
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<byte[], byte[]> found : records.records(partition)) {
        try {
          receive(found);
        } catch (RegistryUnavailableException e) {
          consumer.seek(partition, found.offset());
          unavailable = e;
          break;
        }
      }
    }
    if (unavailable != null) {
      throw unavailable;
    }
  }

  private void receive(ConsumerRecord<byte[], byte[]> found) {
    try {
      Command command = decoder.deserialize(found.topic(), found.value());
      if (command != null) {
        stream.offer(command);
      }
    } catch (RegistryUnavailableException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error(
          "Record at {}-{} offset {} is no command; skipped",
          found.topic(),
          found.partition(),
          found.offset(),
          e);
    }
  }

  /** Stops reading; waits a moment for the thread to end. */
  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
