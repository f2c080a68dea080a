package io.fuseline.deploy.bench;

import java.util.Map;

/** Measurements of round numbers. */
final class Measurements {
  private Measurements() {}

  /** A thousand records in so many milliseconds, at so many microseconds of CPU each. */
  static Measurement of(Rung rung, long millis, long cpuMicrosEach) {
    return new Measurement(
        rung,
        1_000,
        new Reading(millis * 1_000_000, cpuMicrosEach * 1_000 * 1_000, 2_000_000),
        3_000_000,
        rung == Rung.L4 ? Map.of(Written.REPARTITION_RECORDS, 8.0) : Map.of());
  }
}
