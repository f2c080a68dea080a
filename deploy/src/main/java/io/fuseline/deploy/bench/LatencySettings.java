package io.fuseline.deploy.bench;

import java.time.Duration;
import java.util.List;

/**
 * At which rates latencies are measured, and of which pipelines.
 *
 * @param rates spans per second, each 1 or more
 * @param highest whether the highest rate that is sustained is looked for and measured too
 * @param time how long each rate is measured, after a warm-up
 * @param commitMs milliseconds between commits, each 10 or more
 * @param exactlyOnce with exactly-once on, off, or both in turn
 */
public record LatencySettings(
    List<Integer> rates,
    boolean highest,
    Duration time,
    List<Integer> commitMs,
    List<Boolean> exactlyOnce) {
  /** No latency runs. */
  public static final LatencySettings NONE =
      new LatencySettings(List.of(), false, Duration.ofSeconds(1), List.of(500), List.of(true));

  /** Copies the lists and checks the ranges. */
  public LatencySettings {
    rates = List.copyOf(rates);
    commitMs = List.copyOf(commitMs);
    exactlyOnce = List.copyOf(exactlyOnce);
    if (rates.stream().anyMatch(rate -> rate < 1)) {
      throw new IllegalArgumentException("rates are " + rates + ", expected 1 or more each");
    }
    if (commitMs.isEmpty() || commitMs.stream().anyMatch(each -> each < 10)) {
      throw new IllegalArgumentException(
          "commits are " + commitMs + " ms, expected 10 or more each");
    }
  }

  boolean isNone() {
    return rates.isEmpty() && !highest;
  }
}
