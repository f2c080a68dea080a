package io.fuseline.alerting.sink;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
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
 * Moves the records of one topic to the {@link Courier} of one destination: in order for each key,
 * keys beside each other, so that an endpoint that hangs does not hold up those of other targets. A
 * partition with many records under way rests, so that they do not pile up in memory.
 */
final class TopicPump implements Pump {
  private static final Logger LOG = LoggerFactory.getLogger(TopicPump.class);
  private static final Duration IDLE_POLL = Duration.ofMillis(500);
  // While records are under way: how soon their offsets are committed after them.
  private static final Duration BUSY_POLL = Duration.ofMillis(20);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CARRY_END = Duration.ofSeconds(5);
  private static final int REST_AT = 200;
  private static final int GO_ON_AT = 100;
  private static final int LANES = 16;

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Courier courier;
  private final KeyLanes lanes;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<TopicPartition, InFlight> underWay = new HashMap<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();

  /**
   * @param name of the destination, for threads
   * @param consumer belongs to this pump from now on
   */
  TopicPump(String name, String topic, Consumer<byte[], byte[]> consumer, Courier courier) {
    this.topic = topic;
    this.consumer = consumer;
    this.courier = courier;
    thread = new Thread(this::run, "fuseline-sink-" + name + "-" + topic);
    lanes = new KeyLanes("fuseline-sink-carrier-" + name, LANES);
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    closing.countDown();
    consumer.wakeup();
  }

  /** Lets go of what is under way; it will be delivered again. */
  @Override
  public void close(Duration patience) {
    stop();
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
          // stop() sets the flag the loop looks at.
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
    var busy = underWay.values().stream().anyMatch(inFlight -> inFlight.size() > 0);
    for (var record : consumer.poll(busy ? BUSY_POLL : IDLE_POLL)) {
      send(record);
    }
    commitProgress(List.copyOf(underWay.keySet()));
    underWay.forEach(this::restOrGoOn);
  }

  private void send(ConsumerRecord<byte[], byte[]> record) {
    var inFlight =
        underWay.computeIfAbsent(
            new TopicPartition(record.topic(), record.partition()), none -> new InFlight());
    var parcel = inFlight.add(record.offset());
    lanes.add(new Lane(record), () -> carry(record, parcel, inFlight));
  }

  /** Records of one key; those without share a lane for each partition. */
  private record Lane(int partition, ByteBuffer key) {
    Lane(ConsumerRecord<byte[], byte[]> record) {
      this(record.partition(), ByteBuffer.wrap(record.key() == null ? new byte[0] : record.key()));
    }
  }

  private void restOrGoOn(TopicPartition partition, InFlight inFlight) {
    if (inFlight.size() >= REST_AT) {
      consumer.pause(List.of(partition));
    } else if (inFlight.size() < GO_ON_AT && consumer.paused().contains(partition)) {
      consumer.resume(List.of(partition));
    }
  }

  private void carry(
      ConsumerRecord<byte[], byte[]> record, InFlight.Parcel parcel, InFlight inFlight) {
    if (!inFlight.begin()) {
      return;
    }
    var done = false;
    try {
      while (!done) {
        done = carried(record);
      }
    } catch (InterruptedException closed) {
      LOG.debug("{}: let go of offset {}", topic, record.offset());
    } finally {
      inFlight.end(parcel, done);
    }
  }

  private boolean carried(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    try {
      courier.carry(record);
      return true;
    } catch (RuntimeException e) {
      LOG.warn(
          "{}-{} offset {} could not be read; trying again",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
      TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
      return false;
    }
  }

  private void commitProgress(Collection<TopicPartition> partitions) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (var partition : partitions) {
      var inFlight = underWay.get(partition);
      if (inFlight != null && inFlight.next() > committed.getOrDefault(partition, -1L)) {
        offsets.put(partition, new OffsetAndMetadata(inFlight.next()));
      }
    }
    if (!offsets.isEmpty()) {
      consumer.commitSync(offsets);
      offsets.forEach((partition, next) -> committed.put(partition, next.offset()));
    }
  }

  private void release() {
    try {
      letGo(List.copyOf(underWay.keySet()));
      commitProgress(List.copyOf(underWay.keySet()));
    } catch (KafkaException e) {
      LOG.warn("Offsets of {} not committed; its last events will be delivered again", topic, e);
    } finally {
      lanes.close();
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
    }
  }

  private void letGo(Collection<TopicPartition> partitions) {
    var held = partitions.stream().filter(underWay::containsKey).map(underWay::get).toList();
    held.forEach(InFlight::stop);
    try {
      for (var inFlight : held) {
        if (!inFlight.awaitEnd(CARRY_END)) {
          LOG.warn("{}: a delivery does not end; it may be delivered again", topic);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void forget(Collection<TopicPartition> partitions) {
    underWay.keySet().removeAll(partitions);
    committed.keySet().removeAll(partitions);
  }

  /** Gives partitions away with what was done on record, and takes new ones with a beginning. */
  private final class Handover implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      commitBeginnings(consumer, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      letGo(partitions);
      try {
        commitProgress(partitions);
      } finally {
        forget(partitions);
      }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      letGo(partitions);
      forget(partitions);
    }
  }

  /**
   * Commits where a group that is new begins. Else one that begins with the latest would begin anew
   * after a crash, and leave out what was written meanwhile.
   */
  static void commitBeginnings(
      Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    var known = consumer.committed(new HashSet<>(partitions));
    var beginnings = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (var partition : partitions) {
      if (known.get(partition) == null) {
        beginnings.put(partition, new OffsetAndMetadata(consumer.position(partition)));
      }
    }
    if (!beginnings.isEmpty()) {
      consumer.commitSync(beginnings);
    }
  }
}
