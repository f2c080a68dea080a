package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Skus of one kind by name and by alias, over all providers. Reads take no lock; writers hold the
 * book's.
 */
final class Catalogue {

  private static final Sku[] NONE = {};

  private final Map<String, Sku[]> byName = new ConcurrentHashMap<>();
  private final Map<String, Sku[]> byAlias = new ConcurrentHashMap<>();

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

  Collection<Sku> skus() {
    List<Sku> all = new ArrayList<>();
    byName.values().forEach(skus -> all.addAll(Arrays.asList(skus)));
    return all;
  }

  void put(PriceEntry entry) {
    String provider = ProviderNames.canonical(entry.getProvider());
    Sku sku = named(provider, entry.getSku());
    boolean isNew = sku == null;
    if (isNew) {
      sku = new Sku(provider, entry.getSku());
    }
    PriceEntry replaced = sku.put(entry);
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
