package io.fuseline.deploy.bench;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * How long something took, from the moment the span should have been sent.
 *
 * @param count how often it was seen
 * @param missing how often it did not come; not in the figures
 * @param p50Millis half came within this, in milliseconds; 0 when none was seen
 * @param p99Millis 99 of 100 came within this
 * @param maxMillis the slowest
 */
record Quantiles(long count, int missing, double p50Millis, double p99Millis, double maxMillis) {

  /**
   * @param micros latencies in microseconds
   */
  static Quantiles of(Histogram micros, int missing) {
    return new Quantiles(
        micros.getTotalCount(),
        missing,
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getMaxValue() / 1e3);
  }

  /** Half, 99 of 100, and the slowest, for a table; a dash when none was seen. */
  String toMillis() {
    return count == 0
        ? "-"
        : String.format(Locale.ROOT, "%,.1f / %,.1f / %,.1f", p50Millis, p99Millis, maxMillis);
  }
}
