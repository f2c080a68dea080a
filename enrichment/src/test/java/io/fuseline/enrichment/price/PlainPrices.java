package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * What one model of a foreign list costs, by the list's own numbers in plain decimals. Knows
 * nothing of importers and price books but the order that the documentation gives: band, then tier,
 * then own unit.
 */
final class PlainPrices {

  private static final BigDecimal NOISE = new BigDecimal("1e-12");

  private final List<Cell> cells = new ArrayList<>();
  private final List<Factor> factors = new ArrayList<>();

  /**
   * @param from least quantity of the band's unit; 0 for no band
   */
  private record Cell(String unit, String tier, String bandUnit, long from, BigDecimal price) {}

  /** A factor on all token prices. */
  private record Factor(String tier, String region, BigDecimal factor) {}

  void add(String unit, String tier, String bandUnit, long from, BigDecimal price) {
    cells.add(new Cell(unit, tier, bandUnit, from, price));
  }

  void addFactor(String tier, String region, BigDecimal factor) {
    factors.add(new Factor(tier, region, factor));
  }

  boolean isEmpty() {
    return cells.isEmpty();
  }

  Set<String> tiers() {
    Set<String> tiers = new TreeSet<>(Set.of("standard"));
    cells.forEach(cell -> tiers.add(cell.tier));
    factors.forEach(factor -> tiers.add(factor.tier));
    return tiers;
  }

  /** Regions with a factor, one without, and none. */
  Set<String> regions() {
    Set<String> regions = new LinkedHashSet<>();
    regions.add(null);
    factors.stream().map(Factor::region).filter(Objects::nonNull).forEach(regions::add);
    if (regions.size() > 1) {
      regions.add("elsewhere");
    }
    return regions;
  }

  /**
   * Usages that touch every unit: a plain one, and for every band one just before, at and behind
   * its edge.
   */
  List<Map<String, Long>> usages(String seed, String tier) {
    List<Map<String, Long>> usages = new ArrayList<>();
    usages.add(usage(seed, tier, "", -1));
    Map<String, Set<Long>> edges = new TreeMap<>();
    cells.stream()
        .filter(cell -> cell.from > 0)
        .forEach(
            cell -> edges.computeIfAbsent(cell.bandUnit, unit -> new TreeSet<>()).add(cell.from));
    edges.forEach(
        (unit, starts) -> {
          for (long start : starts) {
            for (long quantity : new long[] {start - 1, start, start + 1}) {
              usages.add(usage(seed, tier, unit, quantity));
            }
          }
        });
    return usages;
  }

  private Map<String, Long> usage(String seed, String tier, String bandUnit, long exactly) {
    Map<String, Long> sizes = new TreeMap<>();
    Set<String> units = new TreeSet<>();
    cells.forEach(cell -> units.add(cell.unit));
    // First the size of the request, which decides what has a price; then what it consists of.
    if (exactly >= 0) {
      sizes.put(bandUnit.isEmpty() ? "input_tokens" : bandUnit, exactly);
    }
    Map<String, Long> usage = new TreeMap<>();
    for (String unit : units) {
      if (find(unit, tier, sizes).isPresent()) {
        usage.put(
            unit, 1L + Math.floorMod((seed + unit + tier).hashCode(), exactly < 0 ? 5_000 : 40));
      }
    }
    if (exactly >= 0 && bandUnit.isEmpty()) {
      String main =
          usage.containsKey("input_tokens")
              ? "input_tokens"
              : usage.keySet().stream().filter(PlainPrices::isInput).findFirst().orElseThrow();
      long others = input(usage) - usage.get(main);
      usage.put(main, exactly - others);
    } else if (exactly >= 0) {
      usage.put(bandUnit, exactly);
    }
    usage.values().removeIf(quantity -> quantity == 0);
    return usage;
  }

  /** The cost of the usage; rounded once per line, half-even, to 12 decimals. */
  BigDecimal cost(Map<String, Long> usage, String tier, String region) {
    BigDecimal cost = BigDecimal.ZERO;
    for (Map.Entry<String, Long> used : usage.entrySet()) {
      Optional<Cell> cell = find(used.getKey(), tier, usage);
      if (cell.isEmpty()) {
        continue;
      }
      BigDecimal line = clean(cell.get().price).multiply(BigDecimal.valueOf(used.getValue()));
      if (used.getKey().endsWith("_tokens")) {
        for (Factor factor : factors) {
          boolean holds =
              (factor.region == null || factor.region.equals(region))
                  && (factor.tier.equals("standard") || factor.tier.equals(tier));
          line = holds ? line.multiply(factor.factor) : line;
        }
      }
      cost = cost.add(line.setScale(12, RoundingMode.HALF_EVEN));
    }
    return cost;
  }

  private Optional<Cell> find(String unit, String tier, Map<String, Long> usage) {
    return cells.stream()
        .filter(
            cell ->
                cell.unit.equals(unit)
                    || unit.equals("reasoning_tokens") && cell.unit.equals("output_tokens"))
        .filter(cell -> cell.tier.equals(tier) || cell.tier.equals("standard"))
        .filter(cell -> quantity(cell, usage) >= cell.from)
        .max(
            Comparator.comparingLong(Cell::from)
                .thenComparing(cell -> cell.tier.equals(tier))
                .thenComparing(cell -> cell.unit.equals(unit)));
  }

  private static long quantity(Cell cell, Map<String, Long> usage) {
    return cell.bandUnit.isEmpty() ? input(usage) : usage.getOrDefault(cell.bandUnit, 0L);
  }

  private static long input(Map<String, Long> usage) {
    return usage.entrySet().stream()
        .filter(used -> isInput(used.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static boolean isInput(String unit) {
    return unit.endsWith("_tokens") && unit.matches(".*(input_|cache_).*");
  }

  /** Whether the number is within one part in a million millions of one with 12 decimals. */
  static boolean isNoisy(BigDecimal price) {
    BigDecimal short12 = price.setScale(12, RoundingMode.HALF_EVEN);
    BigDecimal off = short12.subtract(price).abs();
    return off.signum() > 0 && off.compareTo(price.multiply(NOISE)) < 0;
  }

  private static BigDecimal clean(BigDecimal price) {
    return isNoisy(price) ? price.setScale(12, RoundingMode.HALF_EVEN) : price;
  }

  /** The file's JSON with every digit of its numbers. */
  static JsonNode json(Path file) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build()
          .readTree(in);
    }
  }
}
