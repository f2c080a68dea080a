package io.fuseline.enrichment.price;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What has been looked up since the book last changed: names resolved, the dearest prices. Bounded,
 * for names come from spans: when full, further names are resolved afresh each time.
 */
final class Answers {

  private static final int MAX_NAMES = 20_000;

  private final Catalogue models;
  private final Resolver resolver;
  private final AtomicInteger names = new AtomicInteger();
  private final Map<String, Map<String, Found>> modelAnswers = new ConcurrentHashMap<>();
  private final Map<String, Map<String, List<Found>>> toolAnswers = new ConcurrentHashMap<>();

  /** Found by one pass over the book when first asked for. */
  private volatile DearestPrices dearest;

  Answers(Catalogue models, Catalogue tools) {
    this.models = models;
    this.resolver = new Resolver(models, tools);
  }

  /** What the model name stands for; its sku is null if that is not known. */
  Found model(String provider, String name) {
    String from = provider == null ? "" : provider;
    Map<String, Found> known = modelAnswers.get(from);
    Found found = known == null ? null : known.get(name);
    if (found == null) {
      found = resolver.model(from, name);
      remember(modelAnswers, from, name, found);
    }
    return found;
  }

  /** Skus that may price the tool, in order of preference. */
  List<Found> tool(String provider, String name) {
    String from = provider == null ? "" : provider;
    Map<String, List<Found>> known = toolAnswers.get(from);
    List<Found> found = known == null ? null : known.get(name);
    if (found == null) {
      found = resolver.tool(from, name);
      remember(toolAnswers, from, name, found);
    }
    return found;
  }

  /**
   * The dearest price a unit of a model may have: that of the unit at the provider, else of any
   * token unit there; the whole book if the provider has neither. Null if nothing compares.
   * Validity and tier are not looked at: a bound is to be high rather than true.
   */
  Row dearest(String provider, String unit) {
    DearestPrices prices = dearest;
    if (prices == null) {
      prices = DearestPrices.of(models.skus());
      dearest = prices;
    }
    return prices.find(ProviderNames.canonical(provider), unit);
  }

  private <T> void remember(
      Map<String, Map<String, T>> answers, String provider, String name, T answer) {
    if (names.incrementAndGet() <= MAX_NAMES) {
      answers.computeIfAbsent(provider, key -> new ConcurrentHashMap<>()).put(name, answer);
    }
  }
}
