package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Prices as a table: one line per price, columns by the names in the first line, in any order. The
 * columns are described in {@code docs/prices.md}.
 *
 * <p>A file is taken as a whole or refused as a whole.
 */
public final class PriceCsv {

  private static final String LIST_SEPARATOR = ";";

  /** Columns; the required ones first. */
  private static final List<String> COLUMNS =
      List.of(
          "provider",
          "sku",
          "unit",
          "price",
          "kind",
          "aliases",
          "per",
          "currency",
          "basis",
          "tier",
          "region",
          "tenant",
          "band_unit",
          "band_from",
          "daily",
          "capacity",
          "valid_from",
          "valid_to",
          "known_since",
          "source",
          "source_date");

  private static final int REQUIRED = 4;

  /** Field of an entry to the column that fills it, where they differ. */
  private static final Map<String, String> COLUMN_OF =
      Map.of(
          "service_tier", "tier",
          "tenant_id", "tenant",
          "daily_from_minute", "daily",
          "daily_to_minute", "daily");

  private final String file;
  private final Instant validFrom;
  private final List<Fault> faults = new ArrayList<>();
  private final List<PriceEntry> entries = new ArrayList<>();
  private final Map<String, Integer> lineOfId = new HashMap<>();
  private List<String> header = List.of();
  private CsvRows.Row row;

  private PriceCsv(String file, Instant validFrom) {
    this.file = file;
    this.validFrom = validFrom;
  }

  /**
   * The prices of a file, in its order.
   *
   * @param validFrom from when a price holds that says nothing itself
   * @throws PriceFileException with every fault found, by line and column
   * @throws IOException if the file cannot be read as UTF-8 text
   */
  public static List<PriceEntry> read(Path file, Instant validFrom) throws IOException {
    return parse(Files.readString(file), file.toString(), validFrom);
  }

  /**
   * The prices of a text, in its order.
   *
   * @param name where the text comes from, for messages
   * @see #read(Path, Instant)
   */
  public static List<PriceEntry> parse(String text, String name, Instant validFrom) {
    return new PriceCsv(name, validFrom).readAll(CsvRows.of(text, name));
  }

  private List<PriceEntry> readAll(List<CsvRows.Row> rows) {
    if (rows.isEmpty()) {
      faults.add(new Fault(file, 1, "file", "a line with the names of the columns", "nothing"));
    } else {
      readHeader(rows.get(0));
      if (faults.isEmpty()) {
        rows.subList(1, rows.size()).forEach(this::readRow);
      }
    }
    if (!faults.isEmpty()) {
      throw new PriceFileException(faults);
    }
    return List.copyOf(entries);
  }

  private void readHeader(CsvRows.Row first) {
    row = first;
    header = first.fields().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    for (String name : header) {
      if (!COLUMNS.contains(name)) {
        fault(name, "one of " + String.join(", ", COLUMNS), "an unknown column");
      } else if (header.indexOf(name) != header.lastIndexOf(name)) {
        fault(name, "the column once", "two of them");
      }
    }
    for (String required : COLUMNS.subList(0, REQUIRED)) {
      if (!header.contains(required)) {
        fault(required, "a column of that name", "none");
      }
    }
  }

  private void readRow(CsvRows.Row read) {
    row = read;
    if (read.fields().size() != header.size()) {
      faults.add(
          new Fault(
              file,
              read.line(),
              "line",
              header.size() + " fields, as in the first line",
              Integer.toString(read.fields().size())));
      return;
    }
    int before = faults.size();
    PriceEntry entry = PriceEntries.blank();
    entry.setKind(oneOf("kind", PriceKind.values(), PriceKind.MODEL));
    entry.setBasis(oneOf("basis", PriceBasis.values(), PriceBasis.PER_UNIT));
    entry.setProvider(text("provider"));
    entry.setSku(text("sku"));
    entry.setUnit(text("unit"));
    entry.setAliases(aliases());
    entry.setCurrency(text("currency") == null ? "USD" : text("currency"));
    entry.setServiceTier(tier(entry.getBasis()));
    entry.setRegion(text("region"));
    entry.setTenantId(text("tenant"));
    entry.setBandUnit(text("band_unit") == null ? "" : text("band_unit"));
    Long band = read("band_from", PriceText.WHOLE, PriceText::whole);
    entry.setBandFrom(band == null ? 0 : band);
    entry.setCapacity(read("capacity", PriceText.WHOLE, PriceText::whole));
    int[] window = read("daily", PriceText.WINDOW, PriceText::window);
    if (window != null) {
      entry.setDailyFromMinute(window[0]);
      entry.setDailyToMinute(window[1]);
    }
    Instant from = read("valid_from", PriceText.TIME, PriceText::time);
    entry.setValidFrom(from == null ? validFrom : from);
    entry.setValidTo(read("valid_to", PriceText.TIME, PriceText::time));
    entry.setKnownSince(read("known_since", PriceText.TIME, PriceText::time));
    entry.setSource(text("source") == null ? "" : text("source"));
    entry.setSourceDate(text("source_date"));
    BigDecimal price = price();
    if (price != null) {
      entry.setPrice(price);
    }
    if (faults.size() == before) {
      add(entry);
    }
  }

  private void add(PriceEntry entry) {
    for (String required : List.of("provider", "sku", "unit")) {
      if (text(required) == null) {
        fault(required, "a value", "nothing");
        return;
      }
    }
    entry.setPriceId(PriceIds.of(entry));
    List<Fault> wrong = PriceFaults.of(entry);
    for (Fault each : wrong) {
      fault(COLUMN_OF.getOrDefault(each.field(), each.field()), each.expected(), each.found());
    }
    Integer first = lineOfId.putIfAbsent(entry.getPriceId(), row.line());
    if (first != null) {
      fault(
          "unit",
          "one price per name, unit, valid_from and conditions",
          "a second one; the first stands in line " + first);
    } else if (wrong.isEmpty()) {
      entries.add(entry);
    }
  }

  private BigDecimal price() {
    BigDecimal stated = read("price", PriceText.DECIMAL, PriceText::decimal);
    Long per = read("per", PriceText.WHOLE, PriceText::whole);
    if (stated == null) {
      if (text("price") == null) {
        fault("price", PriceText.DECIMAL, "nothing");
      }
      return null;
    }
    BigDecimal divisor = per == null ? BigDecimal.ONE : BigDecimal.valueOf(per);
    BigDecimal price = PriceText.perUnit(stated, divisor);
    if (price == null) {
      fault("price", PriceText.TWELVE, text("price") + " per " + divisor.toPlainString());
    }
    return price;
  }

  private List<String> aliases() {
    String aliases = text("aliases");
    return aliases == null
        ? List.of()
        : Arrays.stream(aliases.split(LIST_SEPARATOR))
            .map(String::strip)
            .filter(alias -> !alias.isEmpty())
            .toList();
  }

  private String tier(PriceBasis basis) {
    boolean committed = basis == PriceBasis.COMMITMENT && text("tier") == null;
    return Tiers.canonical(committed ? Tiers.PROVISIONED : text("tier"));
  }

  private <E extends Enum<E>> E oneOf(String column, E[] values, E otherwise) {
    String text = text(column);
    if (text == null) {
      return otherwise;
    }
    for (E value : values) {
      if (value.name().equalsIgnoreCase(text)) {
        return value;
      }
    }
    fault(column, "one of " + Arrays.toString(values), text);
    return otherwise;
  }

  /** The column's value; null if there is none, or after a fault. */
  private <T> T read(String column, String expected, Function<String, T> reader) {
    String text = text(column);
    if (text == null) {
      return null;
    }
    T value = reader.apply(text);
    if (value == null) {
      fault(column, expected, "'" + text + "'");
    }
    return value;
  }

  /** The column's text in the row; null if it is empty or there is no such column. */
  private String text(String column) {
    int index = header.indexOf(column);
    String text = index < 0 ? "" : row.fields().get(index);
    return text.isEmpty() ? null : text;
  }

  private void fault(String column, String expected, String found) {
    int index = header.indexOf(column);
    String where = index < 0 ? column : "column " + (index + 1) + " (" + column + ")";
    faults.add(new Fault(file, row.line(), where, expected, found));
  }
}
