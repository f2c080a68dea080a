package io.fuseline.stream.judge;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Epoch microseconds, UTC: the unit of all times in the core. */
public final class Times {
  public static final long MICROS_PER_SECOND = 1_000_000L;
  public static final long MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;

  private Times() {}

  public static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
