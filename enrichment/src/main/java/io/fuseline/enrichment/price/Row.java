package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * A price entry in the form the hot path reads.
 *
 * @param tenant whose contract it is; null for everyone's
 * @param region null for every region
 * @param bandUnit what {@code bandFrom} is compared with; empty for all input tokens
 * @param fromMinute first minute of the day, UTC; -1 for all day
 * @param from first microsecond since the epoch at which it holds
 * @param to first microsecond at which it no longer holds; {@link Long#MAX_VALUE} while open
 * @param knownSince microseconds; {@link Long#MIN_VALUE} when not told
 * @param currency null for the book's
 * @param numerator with the denominator: pico-units for one unit, or a factor; for DECLARED the
 *     most that one call may come to. Without a common divisor
 */
record Row(
    String priceId,
    PriceBasis basis,
    String tenant,
    String unit,
    String tier,
    String region,
    String bandUnit,
    long bandFrom,
    int fromMinute,
    int toMinute,
    long from,
    long to,
    long knownSince,
    String currency,
    long numerator,
    long denominator) {

  /** Newest validity first; of two that begin together the one known later, then the greater id. */
  static final Comparator<Row> NEWEST_FIRST =
      Comparator.comparingLong(Row::from)
          .thenComparingLong(Row::knownSince)
          .thenComparing(Row::priceId)
          .reversed();

  private static final int ALL_DAY = -1;

  static Row of(PriceEntry entry, String bookCurrency) {
    PriceBasis basis = entry.getBasis();
    long price = Pico.of(entry.getPrice());
    boolean isRate = entry.getKind() == PriceKind.CURRENCY;
    long per =
        isRate || basis == PriceBasis.MULTIPLIER
            ? Pico.ONE
            : basis == PriceBasis.COMMITMENT ? entry.getCapacity() : 1;
    long divisor = Exact.greatestCommonDivisor(price, per);
    return new Row(
        entry.getPriceId(),
        basis,
        entry.getTenantId(),
        isRate ? Units.EVERY : entry.getUnit(),
        Tiers.canonical(entry.getServiceTier()),
        entry.getRegion() == null || entry.getRegion().isEmpty() ? null : entry.getRegion(),
        entry.getBandUnit(),
        entry.getBandFrom(),
        entry.getDailyFromMinute() == null ? ALL_DAY : entry.getDailyFromMinute(),
        entry.getDailyToMinute() == null ? ALL_DAY : entry.getDailyToMinute(),
        micros(entry.getValidFrom()),
        entry.getValidTo() == null ? Long.MAX_VALUE : micros(entry.getValidTo()),
        entry.getKnownSince() == null ? Long.MIN_VALUE : micros(entry.getKnownSince()),
        isRate || basis == PriceBasis.MULTIPLIER || entry.getCurrency().equals(bookCurrency)
            ? null
            : entry.getCurrency(),
        price / divisor,
        per / divisor);
  }

  boolean holdsAt(long micros) {
    return from <= micros && micros < to;
  }

  /** Whether it holds at certain minutes of the day only. */
  boolean hasWindow() {
    return fromMinute != ALL_DAY;
  }

  /** Whether its window, if it has one, holds at that minute of the day. */
  boolean holdsAtMinute(int minute) {
    if (fromMinute == ALL_DAY) {
      return true;
    }
    return fromMinute < toMinute
        ? fromMinute <= minute && minute < toMinute
        : minute >= fromMinute || minute < toMinute;
  }

  /** Whether it is a price of one unit in the book's currency that others may be compared with. */
  boolean isPlainPrice() {
    return basis == PriceBasis.PER_UNIT && tenant == null && currency == null;
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
