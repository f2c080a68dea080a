package io.fuseline.stream.policy;

/** How the thresholds of a rule are written. */
public enum Scale {
  /** A whole number from 2, such as {@code 3}. */
  COUNT,
  /** A whole number from 1. */
  ANY_COUNT,
  /** Times what is usual, over 1, in thousandths: {@code 2.5x} is 2500. */
  FACTOR,
  /**
   * A part of the whole: of a budget's limit, in pico-units of money; else over 0 and at most 100,
   * in ten thousandths of a percent.
   */
  PERCENT
}
