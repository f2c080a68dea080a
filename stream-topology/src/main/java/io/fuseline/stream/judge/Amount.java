package io.fuseline.stream.judge;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * An exact, mutable sum of money in pico-units (10<sup>-12</sup> of the currency), 128 bits wide: a
 * single span's cost fits a {@code long} (9.2 million), a year of a tenant's does not.
 */
public final class Amount implements Comparable<Amount> {
  /** Fraction digits of all money: 12. */
  public static final int SCALE = 12;

  private long high;
  private long low;

  public Amount() {}

  Amount(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /** The sum that holds just {@code pico}. */
  public static Amount ofPico(long pico) {
    return new Amount(pico >> 63, pico);
  }

  /** Adds pico-units, which may be negative. */
  public void add(long pico) {
    addWide(pico >> 63, pico);
  }

  public void add(Amount other) {
    addWide(other.high, other.low);
  }

  private void addWide(long otherHigh, long otherLow) {
    low += otherLow;
    high += otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
  }

  public Amount copy() {
    return new Amount(high, low);
  }

  public boolean isZero() {
    return high == 0 && low == 0;
  }

  /** The sum as pico-units, or the nearest {@code long} when it does not fit one. */
  public long saturatedPico() {
    if (high == low >> 63) {
      return low;
    }
    return high < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  /** The sum as a decimal with 12 fraction digits. */
  public BigDecimal toBigDecimal() {
    if (high == low >> 63) {
      return BigDecimal.valueOf(low, SCALE);
    }
    return new BigDecimal(
        new BigInteger(ByteBuffer.allocate(16).putLong(high).putLong(low).array()), SCALE);
  }

  void write(BinaryOut out) {
    out.zigzag(low);
    out.zigzag(high - (low >> 63)); // 0 for every sum that fits a long
  }

  static Amount read(BinaryIn in) {
    long low = in.zigzag();
    return new Amount(in.zigzag() + (low >> 63), low);
  }

  @Override
  public int compareTo(Amount other) {
    int byHigh = Long.compare(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Amount amount && amount.high == high && amount.low == low;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(31 * high + low);
  }

  @Override
  public String toString() {
    return toBigDecimal().toPlainString();
  }
}
