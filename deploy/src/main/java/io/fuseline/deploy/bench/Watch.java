package io.fuseline.deploy.bench;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a rung is watched by while it is climbed; anything but {@link #CLOCK} slows it down, so that
 * its times do not count.
 *
 * @param recording where a flight recording goes
 * @param counting RocksDB counts what it is asked
 */
record Watch(Optional<Path> recording, boolean counting) {
  static final Watch CLOCK = new Watch(Optional.empty(), false);
  static final Watch COUNTERS = new Watch(Optional.empty(), true);

  static Watch recorder(Path recording) {
    return new Watch(Optional.of(recording), false);
  }
}
