package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * That a name stands for a model: an Azure deployment, an inference profile, a fine-tune.
 *
 * @param provider canonical name of the provider that knows the name; {@code *} for any
 * @param target name of the model it stands for
 * @param tenant whose name it is; null for everyone's
 * @param from first microsecond since the epoch at which it does
 * @param to first microsecond at which it no longer does
 * @param knownSince microseconds; {@link Long#MIN_VALUE} when not told
 */
record Deployment(
    String priceId,
    String provider,
    String target,
    String tenant,
    long from,
    long to,
    long knownSince) {

  /** Newest first, as prices are. */
  static final Comparator<Deployment> NEWEST_FIRST =
      Comparator.comparingLong(Deployment::from)
          .thenComparingLong(Deployment::knownSince)
          .thenComparing(Deployment::priceId)
          .reversed();

  static Deployment of(PriceEntry entry) {
    return new Deployment(
        entry.getPriceId(),
        ProviderNames.canonical(entry.getProvider()),
        entry.getSku(),
        entry.getTenantId(),
        micros(entry.getValidFrom()),
        entry.getValidTo() == null ? Long.MAX_VALUE : micros(entry.getValidTo()),
        entry.getKnownSince() == null ? Long.MIN_VALUE : micros(entry.getKnownSince()));
  }

  /** Whether the name stands for the model at that time. */
  boolean holdsAt(long micros) {
    return from <= micros && micros < to;
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
