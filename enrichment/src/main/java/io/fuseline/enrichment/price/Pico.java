package io.fuseline.enrichment.price;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Money as a {@code long} of pico-units: 10<sup>-12</sup> of the currency, up to 9.2 million of it.
 */
public final class Pico {

  /** Decimals of a pico-unit, the scale of money in the public schemas. */
  public static final int SCALE = 12;

  /** Pico-units in one unit of the currency. */
  public static final long ONE = 1_000_000_000_000L;

  private Pico() {}

  /**
   * The same amount in pico-units.
   *
   * @throws ArithmeticException if {@code amount} has more than 12 decimals or is beyond 9.2
   *     million
   */
  public static long of(BigDecimal amount) {
    return amount.setScale(SCALE, RoundingMode.UNNECESSARY).unscaledValue().longValueExact();
  }

  /** The same amount as a decimal of scale 12. */
  public static BigDecimal toDecimal(long pico) {
    return BigDecimal.valueOf(pico, SCALE);
  }
}
