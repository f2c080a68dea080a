package io.fuseline.deploy.bench;

import org.HdrHistogram.Histogram;

/**
 * From a span to its command, at one rate.
 *
 * @param rate spans per second that were to be sent
 * @param sentRate spans per second that were sent; lower when the sender could not keep up
 * @param commands how many commands were seen
 * @param unanswered breaches whose command did not come; not in the figures
 * @param p50Millis half of the commands came within this, in milliseconds
 * @param p99Millis 99 of 100 came within this
 * @param maxMillis the slowest
 */
record Latency(
    int rate,
    double sentRate,
    long commands,
    int unanswered,
    double p50Millis,
    double p99Millis,
    double maxMillis) {

  /**
   * @param micros latencies in microseconds
   */
  static Latency of(int rate, double sentRate, Histogram micros, int unanswered) {
    return new Latency(
        rate,
        sentRate,
        micros.getTotalCount(),
        unanswered,
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getMaxValue() / 1e3);
  }
}
