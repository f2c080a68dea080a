package io.fuseline.enrichment.price;

/**
 * What a name on a span stands for in the book.
 *
 * @param sku null if the name is not known or ambiguous
 * @param rule how the name was matched
 * @param providerRule how the provider was chosen
 */
record Found(Sku sku, MatchRule rule, ProviderRule providerRule) {

  static final Found NOTHING = new Found(null, MatchRule.NONE, ProviderRule.NONE);
  static final Found AMBIGUOUS = new Found(null, MatchRule.AMBIGUOUS, ProviderRule.NONE);
}
