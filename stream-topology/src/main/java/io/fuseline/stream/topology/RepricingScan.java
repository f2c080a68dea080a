package io.fuseline.stream.topology;

import io.fuseline.stream.judge.SpanRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Walks over the kept spans of one task, a slice at a time, after the price book has changed. A
 * change during a walk begins it again once it is through. What is stored says by which prices all
 * kept spans stand; it is taken back, in the same transaction, before anything that other prices
 * have led to is stored, so that after a crash or a pause the walk is left out only when there is
 * nothing to find.
 *
 * <p>A price list comes record by record. A walk waits until the book has been still for a moment,
 * lest spans be corrected to prices that stand between two others.
 */
final class RepricingScan {
  private static final String PRICED_BY = "priced-by";
  private static final long NEVER = -1;

  /** Spans read at once; the iterator is closed before anything is written. */
  private static final int BATCH = 16;

  /** The book is taken to be whole after this long without a change. */
  private static final long STILL_MILLIS = 1_000;

  /** A walk begins at last even if the book never is still. */
  private static final long MOST_WAITING_MILLIS = 30_000;

  private final PriceFeed prices;
  private final KeyValueStore<String, SpanRecord> spans;
  private final KeyValueStore<String, byte[]> progress;

  /** Count of changes of the book by which all kept spans stand. */
  private long settledAt;

  private boolean stored;
  private PriceFeed.Edition walking;
  private String cursor;

  /** The newest change seen, when it was, and since when spans wait to be looked at again. */
  private long seenChanges;

  private long seenMillis = NEVER;
  private long waitingMillis = NEVER;

  RepricingScan(
      PriceFeed prices,
      KeyValueStore<String, SpanRecord> spans,
      KeyValueStore<String, byte[]> progress) {
    this.prices = prices;
    this.spans = spans;
    this.progress = progress;
    this.seenChanges = prices.changes();
    byte[] pricedBy = progress.get(PRICED_BY);
    PriceFeed.Edition edition = prices.edition();
    stored = pricedBy != null;
    settledAt =
        edition != null && Arrays.equals(edition.toBytes(), pricedBy) ? edition.changes() : NEVER;
  }

  /** Takes the spans of a slice. */
  interface Visitor {
    void visit(String key, SpanRecord record);

    /** False when the slice is over; asked after a few spans each. */
    boolean goesOn();
  }

  /** To be called after a span was priced and before it is stored. */
  void onPriced() {
    if (settledAt != prices.changes()) {
      unsettle();
    }
  }

  /** True while some kept spans may stand by other prices than the book's. */
  boolean isUnsettled() {
    return settledAt != prices.changes();
  }

  /** True when it is time to walk: a walk is under way, or the book has come to be still. */
  boolean isDue(long nowMillis) {
    if (!isUnsettled()) {
      waitingMillis = NEVER;
      return false;
    }
    if (waitingMillis == NEVER) {
      waitingMillis = nowMillis;
    }
    long changes = prices.changes();
    if (changes != seenChanges) {
      seenChanges = changes;
      seenMillis = nowMillis;
    }
    return walking != null
        || seenMillis == NEVER // nothing has changed since the book was read at the start
        || nowMillis - seenMillis >= STILL_MILLIS
        || nowMillis - waitingMillis >= MOST_WAITING_MILLIS;
  }

  /** Walks on for as long as the visitor likes. */
  void walk(Visitor visitor) {
    unsettle();
    if (walking == null) {
      walking = prices.edition();
      cursor = null;
    }
    while (walking != null && visitor.goesOn()) {
      List<KeyValue<String, SpanRecord>> batch = next();
      for (KeyValue<String, SpanRecord> entry : batch) {
        visitor.visit(entry.key, entry.value);
        cursor = entry.key;
      }
      if (batch.isEmpty()) {
        settle(walking);
        walking = null;
        waitingMillis = NEVER;
      }
    }
  }

  private void unsettle() {
    settledAt = NEVER;
    if (stored) {
      progress.delete(PRICED_BY);
      stored = false;
    }
  }

  private void settle(PriceFeed.Edition walked) {
    if (prices.changes() == walked.changes()) {
      progress.put(PRICED_BY, walked.toBytes());
      stored = true;
      settledAt = walked.changes();
    }
  }

  private List<KeyValue<String, SpanRecord>> next() {
    List<KeyValue<String, SpanRecord>> batch = new ArrayList<>(BATCH);
    try (KeyValueIterator<String, SpanRecord> rest = spans.range(cursor, null)) {
      while (rest.hasNext() && batch.size() < BATCH) {
        KeyValue<String, SpanRecord> entry = rest.next();
        if (!entry.key.equals(cursor)) {
          batch.add(entry);
        }
      }
    }
    return batch;
  }
}
