package io.fuseline.stream.judge;

/**
 * Logarithms to the base of 2 in whole 1024ths, so that baselines of money need no floating point
 * and are the same everywhere.
 */
final class Octaves {
  /** Twice as much. */
  static final int ONE = 1024;

  private static final int FRACTION_BITS = 10;

  private static final long[] ROOTS = roots();

  private Octaves() {}

  /** Rounded down; 0 for values under 2. */
  static int log2(long value) {
    if (value < 2) {
      return 0;
    }
    int whole = 63 - Long.numberOfLeadingZeros(value);
    // The mantissa, 1 to 2 in 31 bits; squaring it gives one more digit at a time.
    long mantissa = whole > 31 ? value >>> whole - 31 : value << 31 - whole;
    int log = whole << FRACTION_BITS;
    for (int bit = 1 << FRACTION_BITS - 1; bit > 0; bit >>= 1) {
      mantissa = mantissa * mantissa >>> 31;
      if (mantissa >= 1L << 32) {
        mantissa >>= 1;
        log += bit;
      }
    }
    return log;
  }

  /** The value with that logarithm, to a part in a thousand; at most {@link Long#MAX_VALUE}. */
  static long exp2(long log) {
    long whole = log >> FRACTION_BITS;
    if (whole >= 62) {
      return Long.MAX_VALUE;
    }
    if (log <= 0) {
      return 1;
    }
    long mantissa = 1L << 30;
    for (int i = 0; i < FRACTION_BITS; i++) {
      if ((log & 1L << FRACTION_BITS - 1 - i) != 0) {
        mantissa = mantissa * ROOTS[i] >>> 30;
      }
    }
    return whole >= 30 ? mantissa << whole - 30 : mantissa >>> 30 - whole;
  }

  /** The square root of two, the root of that, and so on, with 30 bits of fraction. */
  private static long[] roots() {
    long[] roots = new long[FRACTION_BITS];
    long last = 1L << 31;
    for (int i = 0; i < FRACTION_BITS; i++) {
      last = isqrt(last << 30);
      roots[i] = last;
    }
    return roots;
  }

  /** The largest whole number whose square is no larger. */
  static long isqrt(long value) {
    long root = (long) Math.sqrt(value);
    while (root * root > value) {
      root--;
    }
    while ((root + 1) * (root + 1) <= value) {
      root++;
    }
    return root;
  }
}
