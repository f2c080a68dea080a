package io.fuseline.deploy.cli;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import java.util.Locale;

/** What a price holds under, in a few words: {@code batch@eu from 200001 08:30-18:00 for acme}. */
final class PriceTerms {
  private static final int MINUTES = 60;

  private PriceTerms() {}

  static String of(PriceEntry price) {
    StringBuilder terms = new StringBuilder(price.getServiceTier());
    if (price.getRegion() != null && !price.getRegion().isEmpty()) {
      terms.append('@').append(price.getRegion());
    }
    if (price.getBandFrom() > 0) {
      terms.append(" from ").append(price.getBandFrom());
      if (!price.getBandUnit().isEmpty()) {
        terms.append(' ').append(price.getBandUnit());
      }
    }
    if (price.getDailyFromMinute() != null && price.getDailyToMinute() != null) {
      terms
          .append(' ')
          .append(time(price.getDailyFromMinute()))
          .append('-')
          .append(time(price.getDailyToMinute()));
    }
    if (price.getTenantId() != null) {
      terms.append(" for ").append(price.getTenantId());
    }
    if (price.getBasis() != PriceBasis.PER_UNIT) {
      terms.append(" as ").append(price.getBasis().name().toLowerCase(Locale.ROOT));
    }
    if (price.getCapacity() != null) {
      terms.append(" of ").append(price.getCapacity());
    }
    return terms.toString();
  }

  private static String time(int minute) {
    return String.format(Locale.ROOT, "%02d:%02d", minute / MINUTES, minute % MINUTES);
  }
}
