package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes prices as a price file: one item per model or tool, tier and validity, units in one line.
 */
final class PriceFileWriter {

  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
  private static final Set<String> YAML_WORDS =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private PriceFileWriter() {}

  static String format(Collection<PriceEntry> prices) {
    String currency = mostFrequentCurrency(prices);
    StringBuilder out = new StringBuilder();
    out.append("currency: ").append(scalar(currency));
    out.append(prices.isEmpty() ? "\nprices: []\n" : "\nprices:\n");
    Map<Item, List<PriceEntry>> items =
        prices.stream()
            .sorted(
                Comparator.comparing(PriceEntry::getKind)
                    .thenComparing(PriceEntry::getProvider)
                    .thenComparing(PriceEntry::getSku)
                    .thenComparing(PriceEntry::getValidFrom)
                    .thenComparing(PriceEntry::getPriceId))
            .collect(Collectors.groupingBy(Item::of, LinkedHashMap::new, Collectors.toList()));
    items.forEach((item, units) -> write(out, item, units, currency));
    return out.toString();
  }

  static String mostFrequentCurrency(Collection<PriceEntry> prices) {
    Map<String, Long> uses =
        prices.stream()
            .collect(
                Collectors.groupingBy(
                    PriceEntry::getCurrency, TreeMap::new, Collectors.counting()));
    return uses.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("USD");
  }

  private static void write(StringBuilder out, Item item, List<PriceEntry> units, String currency) {
    out.append("  - provider: ").append(scalar(item.provider)).append('\n');
    field(
        out,
        switch (item.kind) {
          case TOOL -> "tool";
          case HUMAN -> "human";
          case CURRENCY -> "credit";
          case MODEL, OTHER -> "model";
        },
        item.sku);
    if (!item.aliases.isEmpty() && item.basis != PriceBasis.ALIAS) {
      names(out, "aliases", item.aliases);
    }
    field(out, "tenant", item.tenant);
    if (!item.tier.equals(
        item.basis == PriceBasis.COMMITMENT ? Tiers.PROVISIONED : Tiers.STANDARD)) {
      field(out, "tier", item.tier);
    }
    field(out, "region", item.region);
    if (item.bandFrom != 0) {
      String unit = item.bandUnit.isEmpty() ? "" : "unit: " + scalar(item.bandUnit) + ", ";
      out.append("    band: {").append(unit).append("from: ").append(item.bandFrom).append("}\n");
    }
    if (item.dailyFrom != null) {
      field(out, "daily", time(item.dailyFrom) + "-" + time(item.dailyTo));
    }
    if (!item.currency.equals(currency)) {
      field(out, "currency", item.currency);
    }
    time(out, "valid_from", item.validFrom);
    time(out, "valid_to", item.validTo);
    time(out, "known_since", item.knownSince);
    field(out, "source", item.source.isEmpty() ? null : item.source);
    if (item.sourceDate != null) {
      out.append("    source_date: ").append(item.sourceDate).append('\n');
    }
    if (item.perMillion) {
      out.append("    per: ").append(MILLION).append('\n');
    }
    price(out, item, units);
  }

  private static void price(StringBuilder out, Item item, List<PriceEntry> units) {
    PriceEntry first = units.get(0);
    switch (item.basis) {
      case MULTIPLIER -> units(out, "multiplier", units, BigDecimal.ONE);
      case DECLARED -> plain(out, "declared_up_to", price(first, BigDecimal.ONE));
      case ALIAS -> names(out, "deployments", item.aliases);
      case COMMITMENT ->
          plain(
              out,
              "commitment",
              "{unit: "
                  + scalar(first.getUnit())
                  + ", per_hour: "
                  + price(first, BigDecimal.ONE)
                  + ", capacity: "
                  + first.getCapacity()
                  + "}");
      case PER_UNIT, OTHER -> {
        if (item.kind == PriceKind.CURRENCY) {
          plain(out, "worth", price(first, BigDecimal.ONE));
        } else {
          units(out, "prices", units, item.perMillion ? MILLION : BigDecimal.ONE);
        }
      }
    }
  }

  private static void units(
      StringBuilder out, String field, List<PriceEntry> units, BigDecimal per) {
    plain(
        out,
        field,
        units.stream()
            .map(entry -> scalar(entry.getUnit()) + ": " + price(entry, per))
            .collect(Collectors.joining(", ", "{", "}")));
  }

  private static void names(StringBuilder out, String field, Set<String> names) {
    plain(
        out,
        field,
        names.stream().map(PriceFileWriter::scalar).collect(Collectors.joining(", ", "[", "]")));
  }

  private static void plain(StringBuilder out, String field, String value) {
    out.append("    ").append(field).append(": ").append(value).append('\n');
  }

  private static String time(int minute) {
    return String.format(Locale.ROOT, "%02d:%02d", minute / 60, minute % 60);
  }

  private static String price(PriceEntry entry, BigDecimal per) {
    BigDecimal price = entry.getPrice().multiply(per).stripTrailingZeros();
    return '"' + price.toPlainString() + '"';
  }

  private static void field(StringBuilder out, String name, String value) {
    if (value != null) {
      out.append("    ").append(name).append(": ").append(scalar(value)).append('\n');
    }
  }

  private static void time(StringBuilder out, String name, Instant time) {
    if (time != null) {
      String text = time.toString();
      String midnight = "T00:00:00Z";
      out.append("    ")
          .append(name)
          .append(": ")
          .append(
              text.endsWith(midnight) ? text.substring(0, text.length() - midnight.length()) : text)
          .append('\n');
    }
  }

  /** Plain where no YAML reader can take it for anything but text; quoted otherwise. */
  private static String scalar(String text) {
    if (PLAIN.matcher(text).matches() && !YAML_WORDS.contains(text.toLowerCase(Locale.ROOT))) {
      return text;
    }
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** What the units of one item have in common. */
  private record Item(
      PriceKind kind,
      PriceBasis basis,
      String provider,
      String sku,
      Set<String> aliases,
      String tenant,
      String tier,
      String region,
      String bandUnit,
      long bandFrom,
      Integer dailyFrom,
      Integer dailyTo,
      String currency,
      Instant validFrom,
      Instant validTo,
      Instant knownSince,
      String source,
      String sourceDate,
      boolean perMillion,
      String alone) {

    static Item of(PriceEntry entry) {
      return new Item(
          entry.getKind(),
          entry.getBasis(),
          entry.getProvider(),
          entry.getSku(),
          new TreeSet<>(entry.getAliases()),
          entry.getTenantId(),
          Tiers.canonical(entry.getServiceTier()),
          entry.getRegion() == null || entry.getRegion().isEmpty() ? null : entry.getRegion(),
          entry.getBandUnit(),
          entry.getBandFrom(),
          entry.getDailyFromMinute(),
          entry.getDailyToMinute(),
          entry.getCurrency(),
          entry.getValidFrom(),
          entry.getValidTo(),
          entry.getKnownSince(),
          entry.getSource() == null ? "" : entry.getSource(),
          entry.getSourceDate(),
          entry.getBasis() == PriceBasis.PER_UNIT && Units.isFine(entry.getUnit()),
          standsAlone(entry) ? entry.getPriceId() : "");
    }

    /** Whether an item has room for one such price only. */
    private static boolean standsAlone(PriceEntry entry) {
      return switch (entry.getBasis()) {
        case DECLARED, ALIAS, COMMITMENT -> true;
        case PER_UNIT, MULTIPLIER, OTHER -> entry.getKind() == PriceKind.CURRENCY;
      };
    }
  }
}
