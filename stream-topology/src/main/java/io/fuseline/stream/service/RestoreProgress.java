package io.fuseline.stream.service;

import io.fuseline.stream.metrics.FuselineMetrics;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * How far the reading back of local state is, for those who wait for it: until it is done nothing
 * is judged from the partitions concerned. Told by Kafka Streams' threads, asked by any.
 *
 * <p>Entries are counted by their offsets in the changelogs: what compaction has removed and the
 * markers of transactions are done when they are passed. Standbys are not counted; nobody waits for
 * them.
 */
final class RestoreProgress implements StateRestoreListener {
  private static final Duration SAY_EVERY = Duration.ofSeconds(3);

  /** A slow broker answers sooner than that; an open transaction holds a changelog for longer. */
  private static final Duration STANDS_STILL_AFTER = Duration.ofSeconds(30);

  private final FuselineMetrics metrics;
  private final LongSupplier nanos;
  private final Consumer<String> say;
  private final Map<TopicPartition, Part> parts = new HashMap<>();
  private long begunAt;
  private long saidAt;
  private long movedAt;

  /** One changelog partition. */
  private record Part(String store, long first, long next, long end) {
    long entries() {
      return end - first;
    }

    long left() {
      return end - next;
    }
  }

  /**
   * All that is read back at this moment, and what of it is done already.
   *
   * @param slowest store with the most entries left
   * @param at where the reading of that store is: changelog partition and offset
   * @param restored entries read so far
   * @param entries to be read in all, 1 or more
   * @param perSecond entries, on average since the first; 0 while none is read
   */
  private record Stand(
      int partitions,
      int done,
      String slowest,
      String at,
      long restored,
      long entries,
      long perSecond) {
    long percent() {
      return restored * 100 / entries;
    }

    /** Seconds until all is read at this pace; empty while there is none. */
    Optional<Long> secondsLeft() {
      return perSecond == 0
          ? Optional.empty()
          : Optional.of((entries - restored + perSecond - 1) / perSecond);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "Restoring state: %,d of %,d entries (%d %%), %d of %d changelog partitions done, %,d entries/s, %s; most are left in %s",
          restored,
          entries,
          percent(),
          done,
          partitions,
          perSecond,
          secondsLeft().map(left -> "about " + left + " s left").orElse("just begun"),
          slowest);
    }
  }

  /**
   * @param nanos a clock that only runs forward
   * @param say gets a line when it begins and ends, and at most every few seconds meanwhile
   */
  RestoreProgress(FuselineMetrics metrics, LongSupplier nanos, Consumer<String> say) {
    this.metrics = metrics;
    this.nanos = nanos;
    this.say = say;
  }

  @Override
  public synchronized void onRestoreStart(
      TopicPartition changelog, String store, long startingOffset, long endingOffset) {
    if (endingOffset <= startingOffset) {
      return;
    }
    if (parts.isEmpty()) {
      begunAt = nanos.getAsLong();
      saidAt = begunAt - SAY_EVERY.toNanos();
    }
    parts.put(changelog, new Part(store, startingOffset, startingOffset, endingOffset));
    movedAt = nanos.getAsLong();
    tell();
  }

  @Override
  public synchronized void onBatchRestored(
      TopicPartition changelog, String store, long batchEndOffset, long numRestored) {
    metrics.restored(numRestored);
    parts.computeIfPresent(
        changelog,
        (same, part) ->
            new Part(
                store,
                part.first(),
                Math.max(part.next(), Math.min(batchEndOffset + 1, part.end())),
                part.end()));
    movedAt = nanos.getAsLong();
    tell();
  }

  @Override
  public synchronized void onRestoreEnd(
      TopicPartition changelog, String store, long totalRestored) {
    parts.computeIfPresent(
        changelog, (same, part) -> new Part(store, part.first(), part.end(), part.end()));
    tell();
  }

  /** The partition goes to another instance. */
  @Override
  public synchronized void onRestoreSuspended(
      TopicPartition changelog, String store, long totalRestored) {
    parts.remove(changelog);
    metrics.restoreRemaining(left());
  }

  /**
   * All partitions are at work. Only this ends it: Kafka Streams reads partitions back one after
   * the other, so that often all of those begun are done while others have not begun.
   */
  synchronized void done() {
    if (left() == 0) {
      stand()
          .ifPresent(
              stand ->
                  say.accept(
                      String.format(
                          Locale.ROOT,
                          "State is restored: %,d entries of %d changelog partitions in %.1f s",
                          stand.entries(),
                          stand.partitions(),
                          (nanos.getAsLong() - begunAt) / 1e9)));
      parts.clear();
    }
  }

  /** For {@code /health/ready}: empty while nothing is restored. */
  synchronized Optional<Map<String, Object>> details() {
    return stand()
        .map(
            stand -> {
              Map<String, Object> details = new LinkedHashMap<>();
              details.put("entries", stand.entries());
              details.put("restored", stand.restored());
              details.put("percent", stand.percent());
              details.put("entriesPerSecond", stand.perSecond());
              stand.secondsLeft().ifPresent(left -> details.put("secondsLeft", left));
              details.put("mostLeftIn", stand.slowest());
              Duration still = Duration.ofNanos(nanos.getAsLong() - movedAt);
              if (stand.restored() < stand.entries() && still.compareTo(STANDS_STILL_AFTER) >= 0) {
                details.put("standsStillForSeconds", still.toSeconds());
                details.put("standsStillAt", stand.at());
              }
              return details;
            });
  }

  private void tell() {
    metrics.restoreRemaining(left());
    long now = nanos.getAsLong();
    if (now - saidAt >= SAY_EVERY.toNanos()) {
      saidAt = now;
      stand().ifPresent(stand -> say.accept(stand.toString()));
    }
  }

  private long left() {
    return parts.values().stream().mapToLong(Part::left).sum();
  }

  private Optional<Stand> stand() {
    return parts.entrySet().stream()
        .max(Comparator.comparingLong(part -> part.getValue().left()))
        .map(
            slowest -> {
              long entries = parts.values().stream().mapToLong(Part::entries).sum();
              long restored = entries - left();
              long took = Math.max(1, nanos.getAsLong() - begunAt);
              return new Stand(
                  parts.size(),
                  (int) parts.values().stream().filter(part -> part.left() == 0).count(),
                  slowest.getValue().store(),
                  slowest.getKey() + " offset " + slowest.getValue().next(),
                  restored,
                  entries,
                  (long) (restored * (double) TimeUnit.SECONDS.toNanos(1) / took));
            });
  }
}
