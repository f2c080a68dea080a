package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.SinkTarget.GivenUpException;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one record the whole way: read it, deliver it to every target, or keep it as a dead letter.
 */
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private final Function<ConsumerRecord<byte[], byte[]>, Event> reader;
  private final List<SinkTarget> targets;
  private final RecentIds seen;
  private final DeadLetters deadLetters;
  private final Tally tally;

  /**
   * @param reader makes an event of a record; null when there is nothing to deliver
   * @param seen ids not to be delivered again; null when every record counts
   */
  Courier(
      Function<ConsumerRecord<byte[], byte[]>, Event> reader,
      List<SinkTarget> targets,
      RecentIds seen,
      DeadLetters deadLetters,
      Tally tally) {
    this.reader = reader;
    this.targets = List.copyOf(targets);
    this.seen = seen;
    this.deadLetters = deadLetters;
    this.tally = tally;
  }

  /**
   * Returns when the record is done with: delivered, or kept as a dead letter.
   *
   * @throws RuntimeException if neither was possible now; to be tried again
   * @throws InterruptedException if the sink closes; it is not done with
   */
  void carry(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Event event;
    try {
      event = reader.apply(record);
    } catch (RegistryUnavailableException e) {
      throw e;
    } catch (RuntimeException unreadable) {
      giveUp(record, "cannot be read: " + unreadable.getMessage());
      return;
    }
    if (event == null) {
      return;
    }
    if (seen != null && seen.contains(event.id())) {
      tally.duplicates.increment();
      return;
    }
    var refusals = deliver(event);
    if (refusals.isEmpty()) {
      tally.delivered.increment();
    } else {
      giveUp(record, event.id() + ": " + String.join("; ", refusals));
    }
    if (seen != null) {
      seen.add(event.id());
    }
  }

  /** Why targets did not take it; empty when all did. */
  private List<String> deliver(Event event) throws InterruptedException {
    var refusals = new ArrayList<String>();
    for (SinkTarget target : targets) {
      try {
        target.deliver(event);
      } catch (GivenUpException e) {
        refusals.add(e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("Delivery of {} to {} failed", event.id(), target.name(), e);
        refusals.add(target.name() + " failed: " + e);
      }
    }
    return refusals;
  }

  private void giveUp(ConsumerRecord<byte[], byte[]> record, String reason)
      throws InterruptedException {
    LOG.error(
        "Given up: {}-{} offset {}: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        reason);
    deadLetters.keep(record, reason);
    tally.failed.increment();
  }
}
