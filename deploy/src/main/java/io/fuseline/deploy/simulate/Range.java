package io.fuseline.deploy.simulate;

import java.util.random.RandomGenerator;

/** Whole numbers from {@code from} to {@code to}, both possible. */
record Range(int from, int to) {
  static final Range ZERO = new Range(0, 0);

  Range {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("No range from " + from + " to " + to);
    }
  }

  int draw(RandomGenerator random) {
    return random.nextInt(from, to + 1);
  }

  long middle() {
    return (from + to) / 2;
  }
}
