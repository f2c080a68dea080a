package io.fuseline.stream.judge;

import io.fuseline.enrichment.price.Pricing;
import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.CostStatus;

/**
 * Compares what a span stands in the books with to what it costs by the prices known now. To
 * compare twice changes nothing more: what is corrected is equal.
 */
public final class Repricing {
  private final BillingPeriods periods;

  public Repricing(BillingPeriods periods) {
    this.periods = periods;
  }

  /**
   * @param record what is to be kept of the span from now on
   * @param correction what is to be booked; null when no amount has changed, only whether all usage
   *     has a price
   */
  public record Repriced(SpanRecord record, Correction correction) {}

  /**
   * Compares.
   *
   * @param record a span that can be priced again: it has a booking and a billable
   * @param fresh its price by the prices known now
   * @param nowMicros wall clock, epoch microseconds
   * @return null when nothing has changed
   */
  public Repriced compare(SpanRecord record, Pricing fresh, long nowMicros) {
    Booking booked = record.booked();
    int unpriced = SpanRecord.isPriced(fresh.status()) ? 0 : 1;
    Adjustment change =
        new Adjustment(
            periods.bookedMicros(record.eventMicros(), nowMicros),
            Math.subtractExact(fresh.contractedPico(), booked.cost()),
            Math.subtractExact(fresh.listPico(), booked.listCost()),
            Math.subtractExact(fresh.boundPico(), booked.bound()),
            unpriced - booked.unpricedSpans());
    if (change.isNothing()) {
      return record.status() == fresh.status()
          ? null
          : new Repriced(record.withStatus(fresh.status()), null);
    }
    Correction correction =
        new Correction(
            record.revision() + 1,
            reason(record.status(), fresh.status()),
            booked.only(change),
            record.eventMicros(),
            record.name(),
            booked.cost(),
            fresh.priceIds());
    return new Repriced(record.corrected(change, fresh.status()), correction);
  }

  private static CorrectionReason reason(CostStatus before, CostStatus after) {
    int more = Integer.compare(howPriced(after), howPriced(before));
    if (more == 0) {
      return CorrectionReason.PRICE_CHANGED;
    }
    return more > 0 ? CorrectionReason.PRICE_ARRIVED : CorrectionReason.PRICE_WITHDRAWN;
  }

  private static int howPriced(CostStatus status) {
    return switch (status) {
      case UNPRICED -> 0;
      case PARTIAL -> 1;
      case PRICED, NOT_BILLABLE -> 2;
    };
  }
}
