package io.fuseline.deploy.bench;

import java.time.Duration;

/** The pipeline's tumbling windows, for the programs that it is compared with. */
enum SpendWindow {
  MINUTE("1m", Duration.ofMinutes(1)),
  HOUR("1h", Duration.ofHours(1)),
  DAY("1d", Duration.ofDays(1));

  private final String label;
  private final Duration size;

  SpendWindow(String label, Duration size) {
    this.label = label;
    this.size = size;
  }

  String label() {
    return label;
  }

  Duration size() {
    return size;
  }

  /** Start of the window a moment lies in, in milliseconds since 1970. */
  long start(long millis) {
    return millis - Math.floorMod(millis, size.toMillis());
  }
}
