package io.fuseline.deploy.bench;

import java.util.Optional;

/**
 * How far a program is that the pipeline is compared with.
 *
 * @param records done so far
 * @param serverCpuNanos CPU time of servers it has started
 * @param own what its own process has used
 */
record OtherReading(long records, long serverCpuNanos, Reading own) {
  private static final String WORD = "done";

  String toLine() {
    return WORD + " " + records + " " + serverCpuNanos + " " + own.toLine();
  }

  /** The reading a line holds; empty when it holds something else. */
  static Optional<OtherReading> ofLine(String line) {
    String[] words = line.split(" ", 4);
    return words.length == 4 && words[0].equals(WORD)
        ? Reading.ofLine(words[3])
            .map(own -> new OtherReading(Long.parseLong(words[1]), Long.parseLong(words[2]), own))
        : Optional.empty();
  }
}
