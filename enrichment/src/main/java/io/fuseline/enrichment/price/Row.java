package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * A price entry in the form the hot path reads.
 *
 * @param region null for every region
 * @param from first microsecond since the epoch at which it holds
 * @param to first microsecond at which it no longer holds; {@link Long#MAX_VALUE} while open
 * @param knownSince microseconds; {@link Long#MIN_VALUE} when not told
 * @param pricePico price of one unit
 */
record Row(
    String priceId,
    String unit,
    String tier,
    String region,
    long from,
    long to,
    long knownSince,
    long pricePico) {

  /** Newest validity first; of two that begin together the one known later, then the greater id. */
  static final Comparator<Row> NEWEST_FIRST =
      Comparator.comparingLong(Row::from)
          .thenComparingLong(Row::knownSince)
          .thenComparing(Row::priceId)
          .reversed();

  static Row of(PriceEntry entry) {
    return new Row(
        entry.getPriceId(),
        entry.getUnit(),
        Tiers.canonical(entry.getServiceTier()),
        entry.getRegion() == null || entry.getRegion().isEmpty() ? null : entry.getRegion(),
        micros(entry.getValidFrom()),
        entry.getValidTo() == null ? Long.MAX_VALUE : micros(entry.getValidTo()),
        entry.getKnownSince() == null ? Long.MIN_VALUE : micros(entry.getKnownSince()),
        Pico.of(entry.getPrice()));
  }

  boolean holdsAt(long micros) {
    return from <= micros && micros < to;
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
