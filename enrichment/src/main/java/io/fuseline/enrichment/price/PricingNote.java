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
   * The model's name tells a region, but only the price of the model without region is known; the
   * region may cost more.
   */
  REGION_PREFIX_DROPPED,
  /** At least one unit has a contract price but no list price: its list cost is the contracted. */
  LIST_FROM_CONTRACT,
  /**
   * A price is in a currency that has no exchange rate at the time; the line has no price
   * therefore.
   */
  NO_EXCHANGE_RATE,
  /** The tool declares its cost, but the span does not say it; bounded by the most it may be. */
  DECLARED_COST_MISSING,
  /** The span declares more than the tool may cost; not booked, bounded by what it declares. */
  DECLARED_COST_OVER_CAP,
  /**
   * A line came to more than {@link PriceBook#MAX_LINE_PICO}: a mistake of price or usage; not
   * booked as cost.
   */
  IMPLAUSIBLE_COST,
  /**
   * A model was called, but the span tells no usage at all: what it cost is not known. Some
   * instrumentations tell none of streamed answers.
   */
  USAGE_MISSING
}
