package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All prices of one model or tool at one provider. Read without a lock: the rows are replaced as a
 * whole. Written under the book's lock only.
 */
final class Sku {

  /** Key of contracts that are everyone's: capacity committed to by the whole organisation. */
  private static final String EVERYONE = "";

  private static final Row[] NONE = {};

  final String provider;
  final String name;

  /** Never changed once published. */
  private volatile Index index = new Index(Map.of(), Map.of(), NONE);

  /** Entries by price id; for writers. */
  private final Map<String, PriceEntry> entries = new HashMap<>();

  /** Rows by price id; for writers. */
  private final Map<String, Row> rows = new TreeMap<>();

  /** Alias to the number of entries that list it; for writers. */
  private final Map<String, Integer> aliases = new HashMap<>();

  Sku(String provider, String name) {
    this.provider = provider;
    this.name = name;
  }

  /** List prices of the unit, newest validity first; the array is not to be changed. */
  Row[] listed(String unit) {
    return index.listed.getOrDefault(unit, NONE);
  }

  /** The tenant's own prices of the unit, newest validity first; not to be changed. */
  Row[] contracted(String tenant, String unit) {
    Map<String, Row[]> own = index.contracted.get(tenant);
    return own == null ? NONE : own.getOrDefault(unit, NONE);
  }

  /** Prices of committed capacity that every tenant shares; not to be changed. */
  Row[] committed(String unit) {
    return contracted(EVERYONE, unit);
  }

  /** Factors, newest validity first; the array is not to be changed. */
  Row[] multipliers() {
    return index.multipliers;
  }

  boolean hasList() {
    return !index.listed.isEmpty();
  }

  boolean hasContracts() {
    return !index.contracted.isEmpty();
  }

  /** Whether anything has a list price at the time, or one by the tenant's contract. */
  boolean hasPriceAt(String tenant, long micros) {
    return anyHolds(index.listed, micros)
        || anyHolds(index.contracted.get(tenant), micros)
        || anyHolds(index.contracted.get(EVERYONE), micros);
  }

  Map<String, Row[]> listed() {
    return index.listed;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Counts one more entry with the alias; true if it is the first. */
  boolean holdAlias(String alias) {
    return aliases.merge(alias, 1, Integer::sum) == 1;
  }

  /** Counts one entry less with the alias; true if it was the last. */
  boolean releaseAlias(String alias) {
    return aliases.computeIfPresent(alias, (key, uses) -> uses == 1 ? null : uses - 1) == null;
  }

  /**
   * Adds the entry, in place of the one with the same id; readers see the old rows or the new,
   * nothing between.
   *
   * @return the entry it replaced, or null
   */
  PriceEntry put(PriceEntry entry, String bookCurrency) {
    PriceEntry old = entries.put(entry.getPriceId(), entry);
    rows.put(entry.getPriceId(), Row.of(entry, bookCurrency));
    index = Index.of(rows.values());
    return old;
  }

  void remove(PriceEntry entry) {
    if (entries.remove(entry.getPriceId()) != null) {
      rows.remove(entry.getPriceId());
      index = Index.of(rows.values());
    }
  }

  private static boolean anyHolds(Map<String, Row[]> units, long micros) {
    if (units != null) {
      for (Row[] unit : units.values()) {
        for (Row row : unit) {
          if (row.holdsAt(micros)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /**
   * The rows by what they are for.
   *
   * @param listed unit to list prices
   * @param contracted tenant to unit to contract prices
   */
  private record Index(
      Map<String, Row[]> listed, Map<String, Map<String, Row[]>> contracted, Row[] multipliers) {

    static Index of(Iterable<Row> rows) {
      Map<String, List<Row>> listed = new HashMap<>();
      Map<String, Map<String, List<Row>>> contracted = new HashMap<>();
      List<Row> multipliers = new ArrayList<>();
      for (Row row : rows) {
        if (row.basis() == PriceBasis.MULTIPLIER) {
          multipliers.add(row);
        } else if (row.tenant() == null && row.basis() != PriceBasis.COMMITMENT) {
          listed.computeIfAbsent(row.unit(), unit -> new ArrayList<>()).add(row);
        } else {
          contracted
              .computeIfAbsent(
                  row.tenant() == null ? EVERYONE : row.tenant(), tenant -> new HashMap<>())
              .computeIfAbsent(row.unit(), unit -> new ArrayList<>())
              .add(row);
        }
      }
      Map<String, Map<String, Row[]>> byTenant = new HashMap<>();
      contracted.forEach((tenant, units) -> byTenant.put(tenant, sorted(units)));
      return new Index(sorted(listed), byTenant, sorted(multipliers));
    }

    private static Map<String, Row[]> sorted(Map<String, List<Row>> units) {
      Map<String, Row[]> sorted = new HashMap<>();
      units.forEach((unit, rows) -> sorted.put(unit, sorted(rows)));
      return sorted;
    }

    private static Row[] sorted(List<Row> rows) {
      rows.sort(Row.NEWEST_FIRST);
      return rows.toArray(NONE);
    }
  }
}
