package io.fuseline.deploy.bench;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * A run that would spend far more than its cap.
 *
 * @param price of each call, in dollars; a multiple of what one input token of {@link
 *     Overshoot#MODEL} costs
 * @param pace of one holder's calls: a call is begun so long after the one before, whatever became
 *     of that
 * @param calls made at most, by all holders together
 */
record Fixture(BigDecimal price, Duration pace, int calls) {

  BigDecimal costOf(int made) {
    return price.multiply(BigDecimal.valueOf(made));
  }

  @Override
  public String toString() {
    return "%s USD every %d ms".formatted(price.toPlainString(), pace.toMillis());
  }
}
