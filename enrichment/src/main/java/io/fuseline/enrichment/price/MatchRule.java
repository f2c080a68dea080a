package io.fuseline.enrichment.price;

/** How the name on a span was matched to a row of the price book, strictest first. */
public enum MatchRule {
  /** The name is a row's sku. */
  EXACT,
  /** The name is listed among a row's aliases. */
  ALIAS,
  /**
   * A provider or path prefix was taken off the name, such as {@code openai/} or {@code models/}.
   */
  PREFIX_STRIPPED,
  /** A date or {@code latest} was taken off the name's end, such as {@code -20251101}. */
  DATED_SNAPSHOT,
  /** A tool without a row of its own took the row that stands for every tool. */
  EVERY_TOOL,
  /**
   * Several rows of several providers bear the name and nothing tells which one is meant: not
   * priced.
   */
  AMBIGUOUS,
  /** No row bears the name: not priced. */
  NONE
}
