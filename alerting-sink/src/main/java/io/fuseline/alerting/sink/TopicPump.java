package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the records of one topic to a {@link Courier}: in order within a partition, partitions
 * beside each other. A partition rests while its records are carried, so that a slow receiver
 * neither piles records up in memory nor keeps the consumer from telling its group that it lives.
 */
final class TopicPump {
  private static final Logger LOG = LoggerFactory.getLogger(TopicPump.class);
  private static final Duration IDLE_POLL = Duration.ofMillis(500);
  // While records are under way: how soon their partition goes on after them.
  private static final Duration BUSY_POLL = Duration.ofMillis(20);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration BATCH_END = Duration.ofSeconds(5);

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Courier courier;
  private final ExecutorService carriers;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<TopicPartition, Batch> underWay = new HashMap<>();

  /**
   * @param consumer belongs to this pump from now on
   */
  TopicPump(String topic, Consumer<byte[], byte[]> consumer, Courier courier) {
    this.topic = topic;
    this.consumer = consumer;
    this.courier = courier;
    thread = new Thread(this::run, "fuseline-sink-" + topic);
    // One thread for each partition with records under way, no more.
    carriers =
        Executors.newCachedThreadPool(
            task -> {
              var carrier = new Thread(task, "fuseline-sink-carrier-" + topic);
              carrier.setDaemon(true);
              return carrier;
            });
  }

  void start() {
    thread.start();
  }

  /** Lets go of what is under way; it will be delivered again. */
  void close(Duration patience) {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    try {
      consumer.subscribe(List.of(topic), new Handover());
      while (!isClosing()) {
        try {
          pumpOnce();
        } catch (WakeupException e) {
          // close() sets the flag the loop looks at.
        } catch (KafkaException e) {
          LOG.warn("{} cannot be read, or its offsets not committed; trying again", topic, e);
          closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable t) {
      LOG.error("The sink no longer delivers {}: restart this process", topic, t);
      throw t;
    } finally {
      release();
    }
  }

  private void pumpOnce() {
    var records = consumer.poll(underWay.isEmpty() ? IDLE_POLL : BUSY_POLL);
    for (var partition : records.partitions()) {
      consumer.pause(List.of(partition));
      var batch = new Batch(records.records(partition));
      underWay.put(partition, batch);
      batch.future = carriers.submit(batch);
    }
    commitProgress(underWay.keySet());
    underWay
        .entrySet()
        .removeIf(
            entry -> {
              if (entry.getValue().isSettled()) {
                consumer.resume(List.of(entry.getKey()));
                return true;
              }
              return false;
            });
  }

  private void commitProgress(Collection<TopicPartition> partitions) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (var partition : partitions) {
      var batch = underWay.get(partition);
      if (batch != null && batch.next > batch.committed) {
        offsets.put(partition, new OffsetAndMetadata(batch.next));
      }
    }
    if (!offsets.isEmpty()) {
      consumer.commitSync(offsets);
      offsets.forEach((partition, next) -> underWay.get(partition).committed = next.offset());
    }
  }

  private void release() {
    try {
      stop(List.copyOf(underWay.keySet()));
      commitProgress(List.copyOf(underWay.keySet()));
    } catch (KafkaException e) {
      LOG.warn("Offsets of {} not committed; its last events will be delivered again", topic, e);
    } finally {
      carriers.shutdownNow();
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
    }
  }

  private void stop(Collection<TopicPartition> partitions) {
    for (var partition : partitions) {
      if (underWay.containsKey(partition)) {
        underWay.get(partition).future.cancel(true);
      }
    }
    for (var partition : partitions) {
      if (underWay.containsKey(partition)) {
        underWay.get(partition).awaitEnd();
      }
    }
  }

  /** Gives partitions away with what was done on record. */
  private final class Handover implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      stop(partitions);
      try {
        commitProgress(partitions);
      } finally {
        underWay.keySet().removeAll(partitions);
      }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      stop(partitions);
      underWay.keySet().removeAll(partitions);
    }
  }

  /** Records of one partition, carried one after the other on a thread of the pool. */
  private final class Batch implements Runnable {
    private final List<ConsumerRecord<byte[], byte[]>> records;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long end;
    private volatile long next;
    private long committed;
    private Future<?> future;

    Batch(List<ConsumerRecord<byte[], byte[]>> records) {
      this.records = records;
      next = records.get(0).offset();
      committed = next;
      end = records.get(records.size() - 1).offset() + 1;
    }

    @Override
    public void run() {
      try {
        for (var record : records) {
          carry(record);
          next = record.offset() + 1;
        }
      } catch (InterruptedException closed) {
        LOG.debug("{}: let go before offset {}", topic, next);
      } finally {
        ended.countDown();
      }
    }

    private void carry(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
      while (true) {
        try {
          courier.carry(record);
          return;
        } catch (RuntimeException e) {
          LOG.warn(
              "{}-{} offset {} could be neither delivered nor kept; trying again",
              record.topic(),
              record.partition(),
              record.offset(),
              e);
          TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
        }
      }
    }

    /** All carried, and its offsets committed. */
    boolean isSettled() {
      return committed == end;
    }

    void awaitEnd() {
      try {
        if (!ended.await(BATCH_END.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("{}: a delivery does not end; it may be delivered again", topic);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
