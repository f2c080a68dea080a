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
  /** A deployment, a profile or a fine-tune that an ALIAS entry says stands for the model. */
  DEPLOYMENT,
  /**
   * A Vertex path or a Bedrock ARN was taken off the name, such as {@code
   * publishers/google/models/}.
   */
  RESOURCE_PATH,
  /** The ids behind a fine-tune's base model were taken off, such as {@code :org::id}. */
  FINE_TUNE,
  /** A version behind the date was taken off, such as {@code -v1:0}. */
  VERSION_SUFFIX,
  /**
   * A Bedrock region in front was taken off, such as {@code eu.}: the region may cost more; noted.
   */
  REGION_PREFIX,
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
