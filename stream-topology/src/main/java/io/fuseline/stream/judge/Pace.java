package io.fuseline.stream.judge;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How fast a budget is spent, and when it ends at that. Linear: spent over elapsed time; told from
 * a minute on.
 *
 * @param perHour pico-units or counts per hour; null when it cannot be told
 * @param endsAt when 100 % is reached, epoch microseconds; null when that cannot be told, is more
 *     than a year away, or after the budget begins anew
 */
public record Pace(BigDecimal perHour, Long endsAt) {
  private static final Pace UNKNOWN = new Pace(null, null);

  private static final BigDecimal MICROS_PER_HOUR =
      BigDecimal.valueOf(60 * Times.MICROS_PER_MINUTE);

  /** A pace is not told from less than this. */
  private static final long LEAST_ELAPSED = Times.MICROS_PER_MINUTE;

  /** An end that is further away is not told. */
  private static final BigDecimal MOST_HOURS = BigDecimal.valueOf(24 * 366);

  /**
   * @param from since when the measure has come together, epoch microseconds
   * @param to until when
   * @param windowEnd when the measure begins anew; {@link Long#MAX_VALUE} for never
   */
  static Pace of(long measure, long limit, long from, long to, long windowEnd) {
    long micros = to - from;
    if (micros < LEAST_ELAPSED || measure <= 0) {
      return UNKNOWN;
    }
    BigDecimal perHour =
        BigDecimal.valueOf(measure)
            .multiply(MICROS_PER_HOUR)
            .divide(BigDecimal.valueOf(micros), 0, RoundingMode.HALF_EVEN);
    if (measure >= limit || perHour.signum() == 0) {
      return new Pace(perHour, null);
    }
    BigDecimal left = BigDecimal.valueOf(limit - measure);
    if (left.compareTo(perHour.multiply(MOST_HOURS)) > 0) {
      return new Pace(perHour, null);
    }
    long end =
        to
            + left.multiply(MICROS_PER_HOUR)
                .divide(perHour, 0, RoundingMode.CEILING)
                .longValueExact();
    return new Pace(perHour, end >= windowEnd ? null : end);
  }
}
