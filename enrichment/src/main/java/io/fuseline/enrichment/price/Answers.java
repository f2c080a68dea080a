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

  private final Shelves shelves;
  private final Resolver resolver;
  private final AtomicInteger names = new AtomicInteger();
  private final Map<String, Map<String, Found>> modelAnswers = new ConcurrentHashMap<>();
  private final Map<String, Map<String, List<Found>>> toolAnswers = new ConcurrentHashMap<>();
  private final Map<String, Map<String, List<Found>>> humanAnswers = new ConcurrentHashMap<>();
  private final Map<Deployment, Found> deploymentAnswers = new ConcurrentHashMap<>();

  /** Found by one pass over the book when first asked for. */
  private volatile DearestPrices dearestModels;

  private volatile DearestPrices dearestHumans;

  Answers(Shelves shelves) {
    this.shelves = shelves;
    this.resolver = new Resolver(shelves.models());
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

  /**
   * What the model name stands for to that tenant at that time: its deployment, where it has one.
   */
  Found model(String tenant, String provider, String name, long micros) {
    Deployment deployment = shelves.models().deployment(tenant, provider, name, micros);
    return deployment == null ? model(provider, name) : deployed(deployment, provider);
  }

  /** Skus that may price the tool, in order of preference. */
  List<Found> tool(String tenant, String provider, String name, long micros) {
    Deployment deployment = shelves.tools().deployment(tenant, provider, name, micros);
    return named(
        shelves.tools(), toolAnswers, provider, deployment == null ? name : deployment.target());
  }

  /** Skus that may price the time of a person of that role, in order of preference. */
  List<Found> human(String provider, String role) {
    return named(shelves.humans(), humanAnswers, provider, role);
  }

  /** The virtual currency's rates, nearest first; null where there is none. */
  Sku currency(String provider, String name) {
    Sku own = shelves.currencies().named(provider, name);
    return own != null ? own : shelves.currencies().named(ProviderNames.ANY, name);
  }

  /**
   * The dearest price a unit of a model may have: that of the unit at the provider, else of any
   * token unit there; the whole book if the provider has neither. Null if nothing compares.
   * Validity, tier and other conditions are not looked at: a bound is to be high rather than true.
   */
  Row dearest(String provider, String unit) {
    DearestPrices prices = dearestModels;
    if (prices == null) {
      prices = DearestPrices.of(shelves.models().skus());
      dearestModels = prices;
    }
    return prices.find(ProviderNames.canonical(provider), unit);
  }

  /** The dearest price of a unit of human time, as {@link #dearest}. */
  Row dearestHuman(String provider, String unit) {
    DearestPrices prices = dearestHumans;
    if (prices == null) {
      prices = DearestPrices.of(shelves.humans().skus());
      dearestHumans = prices;
    }
    return prices.find(ProviderNames.canonical(provider), unit);
  }

  private Found deployed(Deployment deployment, String provider) {
    Found found = deploymentAnswers.get(deployment);
    if (found == null) {
      boolean any = deployment.provider().equals(ProviderNames.ANY);
      found =
          resolver.model(any ? provider : deployment.provider(), deployment.target()).deployed();
      if (!any) {
        deploymentAnswers.put(deployment, found);
      }
    }
    return found;
  }

  private List<Found> named(
      Catalogue catalogue,
      Map<String, Map<String, List<Found>>> answers,
      String provider,
      String name) {
    String from = provider == null ? "" : provider;
    Map<String, List<Found>> known = answers.get(from);
    List<Found> found = known == null ? null : known.get(name);
    if (found == null) {
      found = Resolver.named(catalogue, from, name);
      remember(answers, from, name, found);
    }
    return found;
  }

  private <T> void remember(
      Map<String, Map<String, T>> answers, String provider, String name, T answer) {
    if (names.incrementAndGet() <= MAX_NAMES) {
      answers.computeIfAbsent(provider, key -> new ConcurrentHashMap<>()).put(name, answer);
    }
  }
}
