package io.fuseline.deploy.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;

/**
 * What one run has spent.
 *
 * @param calls that were made
 * @param booked what the pipeline has booked for the run
 * @param stoppedAfter from the call that reached the cap to the KILL that stopped the run; empty
 *     when the cap was not reached, or no command was listened for
 * @param dueWhenStopped one holder's calls whose time had come, by the pace, when the KILL came; as
 *     many as were made without one
 */
record Overspend(
    Guarding guarding,
    Fixture fixture,
    int round,
    int calls,
    BigDecimal booked,
    Optional<Duration> stoppedAfter,
    int dueWhenStopped) {

  BigDecimal spent() {
    return fixture.costOf(calls);
  }

  /** Beyond the cap; 0 when it stayed below. */
  BigDecimal over() {
    return spent().subtract(Overshoot.CAP).max(BigDecimal.ZERO.setScale(2));
  }

  /** Percent of the cap. */
  BigDecimal overPercent() {
    return over().movePointRight(2).divide(Overshoot.CAP, 1, RoundingMode.HALF_EVEN);
  }

  @Override
  public String toString() {
    return "%s, %s: %d calls, %s USD, %s over"
        .formatted(fixture, guarding.label(), calls, spent(), over());
  }
}
