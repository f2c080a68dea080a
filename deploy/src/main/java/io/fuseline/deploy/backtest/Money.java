package io.fuseline.deploy.backtest;

import java.math.BigDecimal;

/** How money is written. */
final class Money {
  private Money() {}

  /** Every digit, no exponent, no zeros at the end: {@code 12.5}, {@code 0}. */
  static String plain(BigDecimal money) {
    return money.signum() == 0 ? "0" : money.stripTrailingZeros().toPlainString();
  }
}
