package io.fuseline.enrichment.price;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The dearest row per provider and unit, over all times and tiers; equal prices by the smaller
 * price id.
 */
final class DearestPrices {

  private static final String WHOLE_BOOK = "*";
  private static final String ANY_TOKENS = "*";

  private final Map<String, Map<String, Row>> byProvider = new HashMap<>();

  private DearestPrices() {}

  static DearestPrices of(Collection<Sku> skus) {
    DearestPrices dearest = new DearestPrices();
    for (Sku sku : skus) {
      for (Map.Entry<String, Row[]> rows : sku.listed().entrySet()) {
        for (Row row : rows.getValue()) {
          if (!row.isPlainPrice()) {
            continue;
          }
          dearest.add(sku.provider, rows.getKey(), row);
          dearest.add(WHOLE_BOOK, rows.getKey(), row);
        }
      }
    }
    return dearest;
  }

  /**
   * The unit at the provider, else any token unit there, else the same in the whole book; null if
   * nothing compares.
   */
  Row find(String provider, String unit) {
    Row atProvider = findAt(provider, unit);
    return atProvider != null ? atProvider : findAt(WHOLE_BOOK, unit);
  }

  private Row findAt(String provider, String unit) {
    Map<String, Row> rows = byProvider.getOrDefault(provider, Map.of());
    Row same = rows.get(unit);
    return same == null && Units.countsTokens(unit) ? rows.get(ANY_TOKENS) : same;
  }

  private void add(String provider, String unit, Row row) {
    Map<String, Row> rows = byProvider.computeIfAbsent(provider, key -> new HashMap<>());
    rows.merge(unit, row, DearestPrices::dearer);
    if (Units.countsTokens(unit)) {
      rows.merge(ANY_TOKENS, row, DearestPrices::dearer);
    }
  }

  private static Row dearer(Row one, Row other) {
    int compared = Long.compare(one.numerator(), other.numerator());
    if (compared == 0) {
      return one.priceId().compareTo(other.priceId()) <= 0 ? one : other;
    }
    return compared > 0 ? one : other;
  }
}
