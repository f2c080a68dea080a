package io.fuseline.stream.judge;

import io.fuseline.schemas.WindowSize;
import java.time.Duration;

/** Tumbling windows of event time, aligned to UTC. */
public final class Windows {
  private Windows() {}

  /** The windows that every scope's ledger keeps, shortest first. */
  static final WindowSize[] KEPT = {WindowSize.MINUTE, WindowSize.HOUR, WindowSize.DAY};

  public static Duration length(WindowSize window) {
    return switch (window) {
      case MINUTE -> Duration.ofMinutes(1);
      case HOUR -> Duration.ofHours(1);
      case DAY -> Duration.ofDays(1);
      case OTHER -> throw new IllegalArgumentException("A window of unknown length");
    };
  }

  static long micros(WindowSize window) {
    return length(window).toMillis() * 1000;
  }

  /** First instant of the window that {@code eventMicros} is in, epoch microseconds. */
  public static long start(WindowSize window, long eventMicros) {
    long length = micros(window);
    return Math.floorDiv(eventMicros, length) * length;
  }
}
