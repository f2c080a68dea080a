package io.fuseline.enrichment.price;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sorts multipliers into those that exclude each other and those that multiply. */
final class Factors {

  private static final String EVERY_SKU = "*";

  private Factors() {}

  /**
   * The multipliers of the skus, in groups. One group has the factors of one sku, unit, tier and
   * tenant that differ in their band, region, window or validity; of them the one that fits best
   * holds. Skus that bear one model's names, a snapshot and its base model, count as one here, the
   * nearest first: what both state is not applied twice. A factor with a region and one without are
   * two things (an uplift and a margin, say) and multiply; likewise with a window and without, with
   * a band and without.
   */
  static Row[][] groups(Iterable<Sku> skus) {
    Map<String, List<Row>> groups = new TreeMap<>();
    Map<Sku, Integer> seen = new LinkedHashMap<>();
    for (Sku sku : skus) {
      if (seen.putIfAbsent(sku, seen.size()) != null) {
        continue;
      }
      for (Row row : sku.multipliers()) {
        groups.computeIfAbsent(key(sku, row), key -> new ArrayList<>()).add(row);
      }
    }
    return groups.values().stream().map(rows -> rows.toArray(Row[]::new)).toArray(Row[][]::new);
  }

  private static String key(Sku sku, Row row) {
    return String.join(
        "\n",
        row.tenant() == null ? "" : "tenant " + row.tenant(),
        sku.provider,
        sku.name.equals(EVERY_SKU) ? EVERY_SKU : "",
        row.unit(),
        row.tier(),
        row.region() == null ? "" : "region",
        row.hasWindow() ? "window" : "",
        row.bandFrom() == 0 ? "" : "band " + row.bandUnit());
  }
}
