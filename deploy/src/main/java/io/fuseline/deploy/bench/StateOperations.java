package io.fuseline.deploy.bench;

import java.util.Optional;

/**
 * What a process has asked of RocksDB so far; what record caches and memory answer does not reach
 * it.
 *
 * @param reads single keys looked for, found or not
 * @param writes keys written or deleted
 * @param scans ranges begun
 */
record StateOperations(long reads, long writes, long scans) {
  private static final String WORD = "operations";

  StateOperations since(StateOperations start) {
    return new StateOperations(reads - start.reads, writes - start.writes, scans - start.scans);
  }

  String toLine() {
    return WORD + " " + reads + " " + writes + " " + scans;
  }

  /** The operations a line holds; empty when it holds something else. */
  static Optional<StateOperations> ofLine(String line) {
    String[] words = line.split(" ");
    return words.length == 4 && words[0].equals(WORD)
        ? Optional.of(
            new StateOperations(
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])))
        : Optional.empty();
  }
}
