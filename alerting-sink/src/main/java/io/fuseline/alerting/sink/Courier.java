package io.fuseline.alerting.sink;

import io.fuseline.schemas.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one record the whole way to one destination: read it, see whether it goes there, deliver it
 * or keep it as a dead letter, and put on record what became of it.
 */
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Function<ConsumerRecord<byte[], byte[]>, Event> reader;
  private final Routes routes;
  private final Dispatcher dispatcher;
  private final RecentIds seen;
  private final boolean keepsUnreadable;
  private final Books books;

  /**
   * Where it is written down what became of events.
   *
   * @param deliveries null to keep none
   */
  record Books(Deliveries deliveries, DeadLetters deadLetters) {}

  /**
   * @param reader makes an event of a record; null when there is nothing to deliver
   * @param seen ids not to be delivered again; null when every record counts
   * @param keepsUnreadable whether records that cannot be read are kept, which is for one
   *     destination of all to do
   */
  Courier(
      Function<ConsumerRecord<byte[], byte[]>, Event> reader,
      Routes routes,
      Dispatcher dispatcher,
      RecentIds seen,
      boolean keepsUnreadable,
      Books books) {
    this.reader = reader;
    this.routes = routes;
    this.dispatcher = dispatcher;
    this.seen = seen;
    this.keepsUnreadable = keepsUnreadable;
    this.books = books;
  }

  /**
   * Returns when the record is done with: not for this destination, delivered, or kept as a dead
   * letter.
   *
   * @throws RuntimeException if it could not be read now; to be tried again
   * @throws InterruptedException if the sink closes; it is not done with
   */
  void carry(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Event event;
    try {
      event = reader.apply(record);
    } catch (RegistryUnavailableException e) {
      throw e;
    } catch (RuntimeException unreadable) {
      if (keepsUnreadable) {
        dispatcher.tally().failed.increment();
        giveUp(record, "cannot be read: " + unreadable.getMessage());
      }
      return;
    }
    if (event == null || !routes.isDirect(dispatcher.destination(), event)) {
      return;
    }
    if (seen != null && seen.contains(event.id())) {
      dispatcher.tally().duplicates.increment();
      return;
    }
    var outcome = dispatcher.deliver(event);
    if (seen != null) {
      seen.add(event.id());
    }
    if (!outcome.isDelivered()) {
      giveUp(record, event.id() + ": " + dispatcher.destination() + ": " + outcome.detail());
    }
    if (books.deliveries() != null) {
      insist(() -> books.deliveries().keep(dispatcher.destination(), event, outcome));
    }
  }

  private void giveUp(ConsumerRecord<byte[], byte[]> record, String reason)
      throws InterruptedException {
    LOG.error(
        "Given up: {}-{} offset {}: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        reason);
    insist(() -> books.deadLetters().keep(record, reason));
  }

  /** Something to be written to the brokers. */
  @FunctionalInterface
  interface Entry {
    void write() throws InterruptedException;
  }

  /** Writes until it is written: what is delivered must not be delivered again for its record. */
  static void insist(Entry entry) throws InterruptedException {
    while (true) {
      try {
        entry.write();
        return;
      } catch (KafkaException e) {
        LOG.warn("Cannot be put on record; trying again", e);
        Pause.SLEEP.sleep(RETRY);
      }
    }
  }
}
