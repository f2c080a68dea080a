package io.fuseline.deploy.bench;

import java.util.Locale;
import java.util.Map;

/**
 * One rung, climbed once.
 *
 * @param records spans in the measured window, 1 or more
 * @param used what the process used meanwhile
 * @param serverCpuNanos CPU time of the servers it worked with: the broker, or a database
 * @param written what each span left on the broker; what is missing is 0
 */
record Measurement(
    Rung rung, long records, Reading used, long serverCpuNanos, Map<Written, Double> written) {
  Measurement {
    written = Map.copyOf(written);
  }

  /** The same with other figures of what was left. */
  Measurement with(Map<Written, Double> left) {
    return new Measurement(rung, records, used, serverCpuNanos, left);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,.0f spans/s, %.1f µs of CPU per span and %.1f of the servers, %,.0f heap bytes, %s",
        rung.label(),
        recordsPerSecond(),
        cpuMicros(),
        serverCpuMicros(),
        allocatedBytes(),
        written);
  }

  double recordsPerSecond() {
    return records / (used.wallNanos() / 1e9);
  }

  double cpuMicros() {
    return used.cpuNanos() / 1e3 / records;
  }

  double serverCpuMicros() {
    return serverCpuNanos / 1e3 / records;
  }

  double allocatedBytes() {
    return used.allocatedBytes() / (double) records;
  }

  double written(Written what) {
    return written.getOrDefault(what, 0.0);
  }
}
