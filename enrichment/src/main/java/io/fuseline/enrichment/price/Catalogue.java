package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Skus of one kind by name and by alias, over all providers. Reads take no lock; writers hold the
 * book's.
 */
final class Catalogue {

  private static final Sku[] NONE = {};

  private final Map<String, Sku[]> byName = new ConcurrentHashMap<>();
  private final Map<String, Sku[]> byAlias = new ConcurrentHashMap<>();
  private final Map<String, Deployment[]> deployments = new ConcurrentHashMap<>();
  private final String bookCurrency;

  Catalogue(String bookCurrency) {
    this.bookCurrency = bookCurrency;
  }

  /** Skus of any provider that bear the name; the array is not to be changed. */
  Sku[] named(String name) {
    return byName.getOrDefault(name, NONE);
  }

  /** Skus of any provider that list the alias; the array is not to be changed. */
  Sku[] aliased(String alias) {
    return byAlias.getOrDefault(alias, NONE);
  }

  /** The provider's sku of that name, or null. */
  Sku named(String provider, String name) {
    return only(named(name), provider);
  }

  /** The provider's sku with that alias; null if there is none, or more than one. */
  Sku aliased(String provider, String alias) {
    return only(aliased(alias), provider);
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  Collection<Sku> skus() {
    List<Sku> all = new ArrayList<>();
    byName.values().forEach(skus -> all.addAll(Arrays.asList(skus)));
    return all;
  }

  /**
   * The deployment that the tenant calls by that name at the time; its own before everyone's. Null
   * if there is none.
   *
   * @param provider as the span names it; null for none
   */
  Deployment deployment(String tenant, String provider, String name, long micros) {
    if (deployments.isEmpty()) {
      return null;
    }
    Deployment[] candidates = deployments.get(name);
    if (candidates == null) {
      return null;
    }
    String own = ProviderNames.canonical(provider);
    Deployment everyones = null;
    for (Deployment candidate : candidates) {
      boolean concerned =
          candidate.holdsAt(micros)
              && (own.isEmpty()
                  || candidate.provider().equals(own)
                  || candidate.provider().equals(ProviderNames.ANY));
      if (concerned && candidate.tenant() != null && candidate.tenant().equals(tenant)) {
        return candidate;
      }
      if (concerned && candidate.tenant() == null && everyones == null) {
        everyones = candidate;
      }
    }
    return everyones;
  }

  void put(PriceEntry entry) {
    if (entry.getBasis() == PriceBasis.ALIAS) {
      Deployment deployment = Deployment.of(entry);
      for (String alias : Set.copyOf(entry.getAliases())) {
        deployments.merge(alias, new Deployment[] {deployment}, Catalogue::joined);
      }
      return;
    }
    String provider = ProviderNames.canonical(entry.getProvider());
    Sku sku = named(provider, entry.getSku());
    boolean isNew = sku == null;
    if (isNew) {
      sku = new Sku(provider, entry.getSku());
    }
    PriceEntry replaced = sku.put(entry, bookCurrency);
    if (isNew) {
      add(byName, sku.name, sku);
    }
    for (String alias : Set.copyOf(entry.getAliases())) {
      if (sku.holdAlias(alias)) {
        add(byAlias, alias, sku);
      }
    }
    if (replaced != null) {
      releaseAliases(sku, replaced);
    }
  }

  void remove(PriceEntry entry) {
    if (entry.getBasis() == PriceBasis.ALIAS) {
      for (String alias : entry.getAliases()) {
        deployments.computeIfPresent(alias, (name, all) -> without(all, entry.getPriceId()));
      }
      return;
    }
    Sku sku = named(ProviderNames.canonical(entry.getProvider()), entry.getSku());
    if (sku == null) {
      return;
    }
    sku.remove(entry);
    if (sku.isEmpty()) {
      drop(byName, sku.name, sku);
    }
    releaseAliases(sku, entry);
  }

  private static Deployment[] joined(Deployment[] before, Deployment[] added) {
    return Stream.concat(Arrays.stream(before), Arrays.stream(added))
        .sorted(Deployment.NEWEST_FIRST)
        .toArray(Deployment[]::new);
  }

  private static Deployment[] without(Deployment[] before, String priceId) {
    Deployment[] left =
        Arrays.stream(before)
            .filter(deployment -> !deployment.priceId().equals(priceId))
            .toArray(Deployment[]::new);
    return left.length == 0 ? null : left;
  }

  private void releaseAliases(Sku sku, PriceEntry entry) {
    for (String alias : Set.copyOf(entry.getAliases())) {
      if (sku.releaseAlias(alias)) {
        drop(byAlias, alias, sku);
      }
    }
  }

  private static Sku only(Sku[] skus, String provider) {
    Sku found = null;
    for (Sku sku : skus) {
      if (sku.provider.equals(provider)) {
        if (found != null) {
          return null;
        }
        found = sku;
      }
    }
    return found;
  }

  private static void add(Map<String, Sku[]> index, String key, Sku sku) {
    Sku[] before = index.getOrDefault(key, NONE);
    Sku[] after = Arrays.copyOf(before, before.length + 1);
    after[before.length] = sku;
    index.put(key, after);
  }

  private static void drop(Map<String, Sku[]> index, String key, Sku sku) {
    Sku[] left =
        Arrays.stream(index.getOrDefault(key, NONE))
            .filter(other -> other != sku)
            .toArray(Sku[]::new);
    if (left.length == 0) {
      index.remove(key);
    } else {
      index.put(key, left);
    }
  }
}
