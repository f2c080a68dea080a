package io.fuseline.enrichment.price;

/**
 * How dear something without a price is assumed to be at most. Units of models are bounded by the
 * dearest price of that unit at the same provider; tools have no such neighbour, so their bound is
 * given here or not at all.
 *
 * @param toolCallPico bound of one call of a tool without a price, in pico-units; -1 for none
 */
public record UnpricedBound(long toolCallPico) {

  /** Tools without a price have no bound. */
  public static final UnpricedBound NO_TOOL_BOUND = new UnpricedBound(-1);

  public UnpricedBound {
    if (toolCallPico < -1 || toolCallPico > PriceBook.MAX_PRICE_PICO) {
      throw new IllegalArgumentException(
          "bound of a tool call: expected -1 (none) or 0 to "
              + PriceBook.MAX_PRICE_PICO
              + " pico-units, found "
              + toolCallPico);
    }
  }
}
