package io.fuseline.enrichment.price;

/** What is worth knowing about how a span was priced. */
public enum PricingNote {
  /** The response model has no row; the request model's was used. */
  REQUEST_MODEL_USED,
  /** At least one unit has no price in the span's service tier; the standard price was used. */
  TIER_FELL_BACK,
  /** At least one unit took another unit's price, such as reasoning tokens the output price. */
  UNIT_FELL_BACK,
  /**
   * A line came to more than {@link PriceBook#MAX_LINE_PICO}: a mistake of price or usage; not
   * booked as cost.
   */
  IMPLAUSIBLE_COST
}
