package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * All prices of one model or tool at one provider. Read without a lock: the rows are replaced as a
 * whole. Written under the book's lock only.
 */
final class Sku {

  final String provider;
  final String name;

  /** Unit to its rows, newest validity first; never changed once published. */
  private volatile Map<String, Row[]> rows = Map.of();

  /** Entries by price id; for writers. */
  private final Map<String, PriceEntry> entries = new HashMap<>();

  /** Alias to the number of entries that list it; for writers. */
  private final Map<String, Integer> aliases = new HashMap<>();

  Sku(String provider, String name) {
    this.provider = provider;
    this.name = name;
  }

  /**
   * The price of one unit as of a time, or null. A row of the region wins over a row of every
   * region.
   */
  Row find(String unit, String tier, String region, long micros) {
    Row[] candidates = rows.get(unit);
    if (candidates == null) {
      return null;
    }
    Row everyRegion = null;
    for (Row row : candidates) {
      if (!row.holdsAt(micros) || !row.tier().equals(tier)) {
        continue;
      }
      if (row.region() == null) {
        if (region == null) {
          return row;
        }
        if (everyRegion == null) {
          everyRegion = row;
        }
      } else if (row.region().equals(region)) {
        return row;
      }
    }
    return everyRegion;
  }

  boolean hasRowAt(long micros) {
    for (Row[] unit : rows.values()) {
      for (Row row : unit) {
        if (row.holdsAt(micros)) {
          return true;
        }
      }
    }
    return false;
  }

  Map<String, Row[]> rows() {
    return rows;
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
  PriceEntry put(PriceEntry entry) {
    Map<String, Row[]> next = new HashMap<>(rows);
    PriceEntry old = entries.put(entry.getPriceId(), entry);
    if (old != null) {
      dropRow(next, old);
    }
    Row row = Row.of(entry);
    Row[] before = next.getOrDefault(row.unit(), new Row[0]);
    Row[] after = Arrays.copyOf(before, before.length + 1);
    int at = before.length;
    while (at > 0 && Row.NEWEST_FIRST.compare(row, after[at - 1]) < 0) {
      after[at] = after[at - 1];
      at--;
    }
    after[at] = row;
    next.put(row.unit(), after);
    rows = next;
    return old;
  }

  void remove(PriceEntry entry) {
    if (entries.remove(entry.getPriceId()) != null) {
      Map<String, Row[]> next = new HashMap<>(rows);
      dropRow(next, entry);
      rows = next;
    }
  }

  private static void dropRow(Map<String, Row[]> rows, PriceEntry entry) {
    Row[] left =
        Arrays.stream(rows.get(entry.getUnit()))
            .filter(row -> !row.priceId().equals(entry.getPriceId()))
            .toArray(Row[]::new);
    if (left.length == 0) {
      rows.remove(entry.getUnit());
    } else {
      rows.put(entry.getUnit(), left);
    }
  }
}
