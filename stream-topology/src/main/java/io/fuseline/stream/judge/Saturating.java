package io.fuseline.stream.judge;

/** Sums that stay at the largest or smallest {@code long} instead of going round. */
public final class Saturating {
  private Saturating() {}

  public static long add(long one, long other) {
    long sum = one + other;
    boolean overflown = ((one ^ sum) & (other ^ sum)) < 0;
    return overflown ? one < 0 ? Long.MIN_VALUE : Long.MAX_VALUE : sum;
  }
}
