package io.fuseline.stream.judge;

import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * Calendar months in UTC, each closed some time after its end. What was billed is not rewritten: a
 * correction of a closed month is booked at the time it is made.
 */
public final class BillingPeriods {
  private final long closeAfterMicros;

  /**
   * @param closeAfter how long after its end a month is closed
   */
  public BillingPeriods(Duration closeAfter) {
    this.closeAfterMicros = closeAfter.toMillis() * 1000;
  }

  /**
   * When to book a correction.
   *
   * @param eventMicros time of the span
   * @param nowMicros time the correction is made
   * @return the span's time, or now when the span's month is closed
   */
  long bookedMicros(long eventMicros, long nowMicros) {
    YearMonth month = YearMonth.from(Times.instant(eventMicros).atZone(ZoneOffset.UTC));
    long end = Times.micros(month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    return end + closeAfterMicros <= nowMicros ? Math.max(nowMicros, eventMicros) : eventMicros;
  }
}
