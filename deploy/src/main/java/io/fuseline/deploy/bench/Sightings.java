package io.fuseline.deploy.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What is waited for, by name, and how long it took until it was seen. Names are awaited by one
 * thread and seen by another.
 */
final class Sightings {
  private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(2);

  private final Map<String, Long> awaited = new ConcurrentHashMap<>();
  private volatile Histogram histogram = new Histogram(HIGHEST_MICROS, 3);

  /**
   * @param due when that which brings it about should have happened, by {@link System#nanoTime}
   */
  void await(String name, long due) {
    awaited.put(name, due);
  }

  /** Records how long it took; nothing when the name is not awaited, or was seen before. */
  void see(String name) {
    long now = System.nanoTime();
    Long due = awaited.remove(name);
    if (due != null) {
      histogram.recordValue(Math.max(0, Math.min(HIGHEST_MICROS, (now - due) / 1_000)));
    }
  }

  Iterable<String> open() {
    return awaited.keySet();
  }

  boolean isComplete() {
    return awaited.isEmpty();
  }

  /** Begins anew. What was awaited and is not yet seen is forgotten. */
  void reset() {
    awaited.clear();
    histogram = new Histogram(HIGHEST_MICROS, 3);
  }

  Quantiles quantiles() {
    return Quantiles.of(histogram.copy(), awaited.size());
  }
}
