package io.fuseline.enrichment.price;

/**
 * What a name on a span stands for in the book. The arrays are not to be changed.
 *
 * @param sku null if the name is not known or ambiguous
 * @param rule how the name was matched
 * @param providerRule how the provider was chosen
 * @param region region that the name itself tells, such as Bedrock's {@code eu.}; null for none
 * @param contracts skus whose contract prices hold for the name, nearest first
 * @param factors multipliers that may hold; those of one array exclude each other, several arrays
 *     multiply
 */
record Found(
    Sku sku,
    MatchRule rule,
    ProviderRule providerRule,
    String region,
    Sku[] contracts,
    Row[][] factors) {

  private static final Sku[] NO_SKUS = {};
  private static final Row[][] NO_FACTORS = {};

  static final Found NOTHING = unknown(MatchRule.NONE);
  static final Found AMBIGUOUS = unknown(MatchRule.AMBIGUOUS);

  /** The same, found under a deployment's name. */
  Found deployed() {
    return sku == null
        ? this
        : new Found(sku, MatchRule.DEPLOYMENT, providerRule, region, contracts, factors);
  }

  private static Found unknown(MatchRule rule) {
    return new Found(null, rule, ProviderRule.NONE, null, NO_SKUS, NO_FACTORS);
  }
}
