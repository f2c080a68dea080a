package io.fuseline.enrichment.price;

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
    Set<String> currencies =
        prices.stream().map(PriceEntry::getCurrency).collect(Collectors.toCollection(TreeSet::new));
    if (currencies.size() > 1) {
      throw new IllegalArgumentException(
          "a price file has one currency; found " + currencies + ". Write one file for each.");
    }
    StringBuilder out = new StringBuilder();
    out.append("currency: ").append(currencies.isEmpty() ? "USD" : currencies.iterator().next());
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
    items.forEach((item, units) -> write(out, item, units));
    return out.toString();
  }

  private static void write(StringBuilder out, Item item, List<PriceEntry> units) {
    out.append("  - provider: ").append(scalar(item.provider)).append('\n');
    field(out, item.kind == PriceKind.TOOL ? "tool" : "model", item.sku);
    if (!item.aliases.isEmpty()) {
      out.append("    aliases: ")
          .append(
              item.aliases.stream()
                  .map(PriceFileWriter::scalar)
                  .collect(Collectors.joining(", ", "[", "]\n")));
    }
    if (!item.tier.equals(Tiers.STANDARD)) {
      field(out, "tier", item.tier);
    }
    field(out, "region", item.region);
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
    BigDecimal per = item.perMillion ? MILLION : BigDecimal.ONE;
    out.append("    prices: ")
        .append(
            units.stream()
                .map(entry -> scalar(entry.getUnit()) + ": " + price(entry, per))
                .collect(Collectors.joining(", ", "{", "}\n")));
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
      String provider,
      String sku,
      Set<String> aliases,
      String tier,
      String region,
      Instant validFrom,
      Instant validTo,
      Instant knownSince,
      String source,
      String sourceDate,
      boolean perMillion) {

    static Item of(PriceEntry entry) {
      return new Item(
          entry.getKind(),
          entry.getProvider(),
          entry.getSku(),
          new TreeSet<>(entry.getAliases()),
          Tiers.canonical(entry.getServiceTier()),
          entry.getRegion() == null || entry.getRegion().isEmpty() ? null : entry.getRegion(),
          entry.getValidFrom(),
          entry.getValidTo(),
          entry.getKnownSince(),
          entry.getSource() == null ? "" : entry.getSource(),
          entry.getSourceDate(),
          Units.isFine(entry.getUnit()));
    }
  }
}
