package io.fuseline.alerting.client;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every partition of the command topic on a thread of its own, without a consumer group: each
 * process sees every command. Starts {@code lookBack} ago, then stays at the end. Commands of one
 * partition come in order. A record that cannot be read is logged and skipped; a registry or broker
 * that is away is waited for.
 */
final class CommandFeed {
  private static final Logger LOG = LoggerFactory.getLogger(CommandFeed.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofMillis(200);
  private static final Duration WARNING_INTERVAL = Duration.ofSeconds(30);
  private static final Duration PARTITION_CHECK = Duration.ofMinutes(1);

  private final KillSwitchSettings settings;
  private final Clock clock;
  private final Consumer<Command> receiver;
  private final String topic;
  private final AvroDeserializer<Command> decoder = new AvroDeserializer<>(Command.class);
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Trouble trouble = new Trouble();
  private Instant nextPartitionCheck = Instant.MIN;
  private Map<TopicPartition, Long> endAtStart;
  private KafkaConsumer<byte[], byte[]> consumer;
  private Thread thread;

  /**
   * @param receiver is called on the feed's thread and must not block
   */
  CommandFeed(KillSwitchSettings settings, Clock clock, Consumer<Command> receiver) {
    this.settings = settings;
    this.clock = clock;
    this.receiver = receiver;
    topic = settings.topics().agentCommands().name();
  }

  private static Map<String, Object> consumerConfig(KillSwitchSettings settings) {
    var config = new HashMap<String, Object>(ClientConfig.kafka(settings));
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // Commands are read before their transaction commits: milliseconds count. One from an aborted
    // transaction comes again with the same id.
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    // Answered as soon as one command is there; an idle fetch is held no longer than this.
    config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    // Positions that retention has overtaken: rather a command twice than none.
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // A broker that comes back is found again quickly; the default backs off up to 1 s.
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
    return config;
  }

  void start() {
    decoder.configure(ClientConfig.registry(settings), false);
    consumer =
        new KafkaConsumer<>(
            consumerConfig(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    thread = new Thread(this::run, "fuseline-kill-switch");
    thread.setDaemon(true);
    thread.start();
  }

  /** Completes when every command written before the start was handed over. */
  CompletableFuture<Void> caughtUp() {
    return caughtUp;
  }

  /** Why commands cannot be read just now; null when they can. */
  RuntimeException failure() {
    return trouble.cause;
  }

  void close(Duration patience) {
    closing.countDown();
    if (thread == null) {
      return;
    }
    consumer.wakeup();
    try {
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!isClosing()) {
        try {
          followPartitions();
          receive(consumer.poll(POLL));
          noteCaughtUp();
          trouble.over();
        } catch (WakeupException e) {
          // close() sets the flag the loop looks at.
        } catch (RuntimeException e) {
          trouble.met(e);
          pause();
        }
      }
    } catch (Error e) {
      LOG.error("The kill switch no longer reads commands: restart this process", e);
      caughtUp.completeExceptionally(e);
      throw e;
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing.countDown();
      Thread.currentThread().interrupt();
    }
  }

  /** Takes up all partitions at start, and later those that were added. */
  private void followPartitions() {
    var now = clock.instant();
    if (now.isBefore(nextPartitionCheck)) {
      return;
    }
    var all = partitions();
    var added = new HashSet<>(all);
    added.removeAll(consumer.assignment());
    if (!added.isEmpty()) {
      if (endAtStart == null) {
        takeUp(all, now.minus(settings.lookBack()));
      } else {
        consumer.assign(all);
        consumer.seekToBeginning(added);
      }
    }
    if (!all.isEmpty()) {
      nextPartitionCheck = now.plus(PARTITION_CHECK);
    }
  }

  private List<TopicPartition> partitions() {
    var found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw new KafkaException(
          "Topic " + topic + " does not exist; create it with: fuseline topics create");
    }
    return found.stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
  }

  /** Asks first and assigns last, so that a failure in between leaves nothing half done. */
  private void takeUp(Collection<TopicPartition> partitions, Instant from) {
    // Ends before starts: what is written between the two questions is then read.
    var ends = consumer.endOffsets(partitions);
    var times = partitions.stream().collect(Collectors.toMap(p -> p, p -> from.toEpochMilli()));
    var starts = consumer.offsetsForTimes(times);
    consumer.assign(partitions);
    for (var partition : partitions) {
      var start = starts.get(partition);
      consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
    }
    endAtStart = ends;
  }

  /**
   * @throws RegistryUnavailableException if a partition was put back to the record that needs the
   *     registry; the others were received
   */
  private void receive(ConsumerRecords<byte[], byte[]> records) {
    RegistryUnavailableException unavailable = null;
    for (var partition : records.partitions()) {
      for (var found : records.records(partition)) {
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
      var command = decoder.deserialize(found.topic(), found.value());
      if (command != null) {
        receiver.accept(command);
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

  private void noteCaughtUp() {
    if (!caughtUp.isDone()
        && endAtStart != null
        && endAtStart.entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
      caughtUp.complete(null);
    }
  }

  /**
   * A time in which commands cannot be read: told when it begins, now and then, and when it ends.
   */
  private final class Trouble {
    private volatile RuntimeException cause;
    private Instant nextWarning = Instant.MIN;

    void met(RuntimeException failure) {
      cause = failure;
      var now = clock.instant();
      if (!now.isBefore(nextWarning)) {
        LOG.warn("Commands cannot be read from {}; trying on: {}", topic, failure.toString());
        LOG.debug("The cause", failure);
        nextWarning = now.plus(WARNING_INTERVAL);
      }
    }

    void over() {
      if (cause != null) {
        LOG.info("Commands are read from {} again", topic);
        cause = null;
        nextWarning = Instant.MIN;
      }
    }
  }
}
