package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
 * Tells the milder events of one route to one destination together: one message for each interval.
 *
 * <p>Which interval an event belongs to follows from the record alone, and offsets are committed
 * when the interval was told. So after a crash the same events are told again under the same id.
 * What is held in memory is bounded: beyond the first {@code max}, events are counted only.
 */
final class DigestPump implements Pump {
  private static final Logger LOG = LoggerFactory.getLogger(DigestPump.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);
  // Records of the interval may still be in an open transaction, or on their way here.
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int MAX_LINE = 300;
  private static final int MAX_GROUPS = 100;

  private final Route route;
  private final List<String> topics;
  private final Consumer<byte[], byte[]> consumer;
  private final Function<ConsumerRecord<byte[], byte[]>, Event> reader;
  private final Routes routes;
  private final Dispatcher dispatcher;
  private final Deliveries deliveries;
  private final Clock clock;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);

  private boolean delivering;
  private Instant start;
  private Batch batch = new Batch();
  private final Map<TopicPartition, Long> next = new HashMap<>();

  /**
   * @param reader makes an event of a record of any of the topics; null when there is none
   * @param consumer belongs to this pump from now on; reads what is committed
   */
  DigestPump(
      Route route,
      List<String> topics,
      Consumer<byte[], byte[]> consumer,
      Function<ConsumerRecord<byte[], byte[]>, Event> reader,
      Routes routes,
      Dispatcher dispatcher,
      Deliveries deliveries,
      Clock clock) {
    this.route = route;
    this.topics = List.copyOf(topics);
    this.consumer = consumer;
    this.reader = reader;
    this.routes = routes;
    this.dispatcher = dispatcher;
    this.deliveries = deliveries;
    this.clock = clock;
    thread = new Thread(this::run, "fuseline-sink-digest-" + dispatcher.destination().name());
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    closing.countDown();
    consumer.wakeup();
    synchronized (this) {
      if (delivering) {
        thread.interrupt(); // at no other time: the consumer has its group to leave
      }
    }
  }

  @Override
  public void close(Duration patience) {
    stop();
    try {
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      consumer.subscribe(topics, new Handover());
      start = intervalOf(clock.instant());
      while (closing.getCount() > 0) {
        try {
          pumpOnce();
        } catch (WakeupException e) {
          // stop() sets the latch the loop looks at.
        } catch (KafkaException e) {
          LOG.warn("A digest cannot be gathered; trying again", e);
          beginAgain();
          closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      // Closing; what was gathered is gathered again by the next start.
    } catch (Throwable t) {
      LOG.error("The sink no longer sends digests: restart this process", t);
      throw t;
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
    }
  }

  private void pumpOnce() throws InterruptedException {
    for (var record : consumer.poll(POLL)) {
      gather(record);
    }
    if (!clock.instant().isBefore(end().plus(GRACE))) {
      tell();
    }
  }

  private Instant end() {
    return start.plus(route.digest().every());
  }

  private Instant intervalOf(Instant time) {
    var every = route.digest().every().toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), every) * every);
  }

  /** Takes a record into this interval, or leaves its partition for the next. */
  private void gather(ConsumerRecord<byte[], byte[]> record) {
    var partition = new TopicPartition(record.topic(), record.partition());
    if (consumer.paused().contains(partition)) {
      return; // behind one that belongs to the next interval
    }
    var event = read(record);
    if (event != null && !event.issuedAt().isBefore(end())) {
      consumer.seek(partition, record.offset());
      consumer.pause(List.of(partition));
      return;
    }
    next.put(partition, record.offset() + 1);
    if (event != null && routes.isDigested(route, dispatcher.destination(), event)) {
      batch.add(event);
    }
  }

  private Event read(ConsumerRecord<byte[], byte[]> record) {
    try {
      return reader.apply(record);
    } catch (RegistryUnavailableException e) {
      throw e;
    } catch (RuntimeException unreadable) {
      return null; // kept as a dead letter by another
    }
  }

  private void tell() throws InterruptedException {
    if (batch.count > 0) {
      deliver(digest());
    }
    commit();
    batch = new Batch();
    start = intervalOf(clock.instant().minus(GRACE));
    consumer.resume(consumer.paused());
  }

  private void deliver(Event event) throws InterruptedException {
    synchronized (this) {
      delivering = true;
    }
    try {
      if (closing.getCount() == 0) {
        throw new InterruptedException();
      }
      var outcome = dispatcher.deliver(event);
      if (!outcome.isDelivered()) {
        // Its events are on their topics still, and their ids on the record of the delivery.
        LOG.error("Given up: {}: {}", event.id(), outcome.detail());
      }
      if (deliveries != null) {
        Courier.insist(() -> deliveries.keep(dispatcher.destination(), event, outcome));
      }
    } finally {
      synchronized (this) {
        delivering = false;
        // One that came too late must not meet the consumer.
        Thread.interrupted();
      }
    }
  }

  private void commit() {
    if (!next.isEmpty()) {
      var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
      next.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
      consumer.commitSync(offsets);
      next.clear();
    }
  }

  /** Forgets what was gathered and reads it again. */
  private void beginAgain() {
    batch = new Batch();
    next.clear();
    var assigned = consumer.assignment();
    try {
      consumer
          .committed(assigned)
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  consumer.seek(partition, offset.offset());
                }
              });
      consumer.resume(consumer.paused());
    } catch (KafkaException e) {
      LOG.warn("Offsets cannot be read; trying again", e);
    }
  }

  private Event digest() {
    var destination = dispatcher.destination().name();
    // Several sinks share the partitions; each tells of its own.
    var share = consumer.assignment().stream().mapToInt(TopicPartition::partition).min().orElse(0);
    var id = "digest:%s:%d:%s:%d".formatted(destination, route.number(), start, share);
    var until = end();
    var title =
        "%d %s from %s to %s"
            .formatted(batch.count, batch.count == 1 ? "event" : "events", start, until);
    var summary = new LinkedHashMap<String, String>();
    batch.groups.forEach((group, count) -> summary.put(group, Long.toString(count)));
    var data = JsonNodeFactory.instance.objectNode();
    data.put("route", route.number()).put("from", start.toString()).put("until", until.toString());
    data.put("count", batch.count);
    var counts = data.putObject("counts");
    batch.groups.forEach(counts::put);
    var ids = data.putArray("event_ids");
    var events = data.putArray("events");
    for (var event : batch.first) {
      ids.add(event.id());
      events.addObject().put("event_id", event.id()).put("text", line(event));
    }
    return new Event(
        id,
        Event.Kind.DIGEST,
        id,
        batch.worst,
        null,
        title,
        text(),
        Map.of(),
        "",
        null,
        until,
        data,
        summary);
  }

  private String text() {
    var text = new StringBuilder();
    batch.first.forEach(event -> text.append(line(event)).append('\n'));
    var more = batch.count - batch.first.size();
    return more == 0 ? text.toString().strip() : text + "and " + more + " more";
  }

  private static String line(Event event) {
    return Text.oneLine(event.title() + ": " + event.text(), MAX_LINE);
  }

  /** What was gathered in an interval. */
  private final class Batch {
    private final List<Event> first = new ArrayList<>();
    private final Map<String, Long> groups = new TreeMap<>();
    private Severity worst = Severity.INFO;
    private long count;

    void add(Event event) {
      count++;
      if (event.severity().compareTo(worst) > 0) {
        worst = event.severity();
      }
      var group =
          event.severity().name().toLowerCase(Locale.ROOT) + " " + event.scope().get("policy");
      if (groups.containsKey(group) || groups.size() < MAX_GROUPS) {
        groups.merge(group, 1L, Long::sum);
      } else {
        groups.merge("others", 1L, Long::sum);
      }
      if (first.size() < route.digest().max()) {
        first.add(event);
      }
    }
  }

  /** What was gathered of partitions given away is gathered by whoever takes them. */
  private final class Handover implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      TopicPump.commitBeginnings(consumer, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (closing.getCount() == 0) {
        return;
      }
      batch = new Batch();
      next.clear();
      // Partitions that stay are read again from where they were committed.
      consumer
          .committed(new HashSet<>(consumer.assignment()))
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  consumer.seek(partition, offset.offset());
                }
              });
    }
  }
}
