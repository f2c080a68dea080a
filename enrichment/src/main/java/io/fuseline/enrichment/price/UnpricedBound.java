package io.fuseline.enrichment.price;

/**
 * How dear something without a price is assumed to be at most. By default units of models are
 * bounded by the dearest price of that unit at the same provider; tools have no such neighbour, so
 * their bound is given here or not at all.
 *
 * @param millionTokensPico bound of a million tokens of any unit of a model, in pico-units; -1 for
 *     the dearest price
 * @param toolCallPico bound of one call of a tool without a price, in pico-units; -1 for none
 */
public record UnpricedBound(long millionTokensPico, long toolCallPico) {

  /** The dearest price for models, no bound for tools. */
  public static final UnpricedBound DEAREST = new UnpricedBound(-1, -1);

  public UnpricedBound {
    check("a million tokens", millionTokensPico);
    check("a tool call", toolCallPico);
  }

  /** The same with a given bound of a million tokens. */
  public UnpricedBound withMillionTokens(long pico) {
    return new UnpricedBound(pico, toolCallPico);
  }

  /** The same with a given bound of one call of a tool. */
  public UnpricedBound withToolCall(long pico) {
    return new UnpricedBound(millionTokensPico, pico);
  }

  private static void check(String what, long pico) {
    if (pico < -1 || pico > PriceBook.MAX_PRICE_PICO) {
      throw new IllegalArgumentException(
          "bound of "
              + what
              + ": expected -1 (not given) or 0 to "
              + PriceBook.MAX_PRICE_PICO
              + " pico-units, found "
              + pico);
    }
  }
}
