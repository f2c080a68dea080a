package io.fuseline.enrichment.price;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** quantity × price × factors, exact, rounded once; without garbage where 64 bits suffice. */
final class Exact {

  private static final long MILLION = 1_000_000;

  private Exact() {}

  /**
   * The product in pico-units, rounded half-even.
   *
   * @param quantity 0 or more
   * @param factors further rows to multiply by; null entries are not allowed
   * @return -1 if it is more than {@link PriceBook#MAX_LINE_PICO}
   */
  static long amount(long quantity, Row price, Row[] factors) {
    long numerator = multiply(quantity, price.numerator());
    long denominator = price.denominator();
    for (int i = 0; i < factors.length && numerator >= 0 && denominator > 0; i++) {
      numerator = multiply(numerator, factors[i].numerator());
      denominator = multiply(denominator, factors[i].denominator());
    }
    if (numerator < 0 || denominator < 0) {
      return factors.length == 0 && price.denominator() == 1
          ? -1
          : slowAmount(quantity, price, factors);
    }
    long amount = denominator == 1 ? numerator : divide(numerator, denominator);
    return amount > PriceBook.MAX_LINE_PICO ? -1 : amount;
  }

  /**
   * quantity × price of a million ÷ a million, rounded half-even; both 0 or more.
   *
   * @return -1 if it is more than {@link PriceBook#MAX_LINE_PICO}
   */
  static long perMillion(long quantity, long millionPico) {
    long product = multiply(quantity, millionPico);
    if (product >= 0) {
      return divide(product, MILLION);
    }
    BigDecimal amount =
        BigDecimal.valueOf(quantity)
            .multiply(BigDecimal.valueOf(millionPico))
            .divide(BigDecimal.valueOf(MILLION), 0, RoundingMode.HALF_EVEN);
    return amount.compareTo(BigDecimal.valueOf(PriceBook.MAX_LINE_PICO)) > 0
        ? -1
        : amount.longValueExact();
  }

  private static long slowAmount(long quantity, Row price, Row[] factors) {
    BigInteger numerator = BigInteger.valueOf(quantity).multiply(big(price.numerator()));
    BigInteger denominator = big(price.denominator());
    for (Row factor : factors) {
      numerator = numerator.multiply(big(factor.numerator()));
      denominator = denominator.multiply(big(factor.denominator()));
    }
    BigDecimal amount =
        new BigDecimal(numerator).divide(new BigDecimal(denominator), 0, RoundingMode.HALF_EVEN);
    return amount.compareTo(BigDecimal.valueOf(PriceBook.MAX_LINE_PICO)) > 0
        ? -1
        : amount.longValueExact();
  }

  /** The quotient, rounded half-even; both 0 or more. */
  static long divide(long numerator, long denominator) {
    long quotient = numerator / denominator;
    long rest = numerator % denominator;
    long missing = denominator - rest;
    boolean up = rest > missing || rest == missing && (quotient & 1) == 1;
    return up ? quotient + 1 : quotient;
  }

  /** The product of two numbers of 0 or more; -1 if it does not fit. */
  static long multiply(long one, long other) {
    long product = one * other;
    return Math.multiplyHigh(one, other) != 0 || product < 0 ? -1 : product;
  }

  static long greatestCommonDivisor(long one, long other) {
    return other == 0 ? one : greatestCommonDivisor(other, one % other);
  }

  private static BigInteger big(long number) {
    return BigInteger.valueOf(number);
  }
}
