package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads one price file and collects every fault with its line. Works on the YAML node tree, not on
 * loaded values: a price is read from its text and never becomes a floating-point number.
 */
final class PriceFileReader {

  private static final int MAX_CHARACTERS = 64 * 1024 * 1024;
  private static final Set<String> TOP = Set.of("currency", "defaults", "prices");
  private static final Set<String> INHERITED =
      Set.of(
          "provider",
          "tier",
          "region",
          "valid_from",
          "valid_to",
          "known_since",
          "source",
          "source_date",
          "per");
  private static final Set<String> OWN = Set.of("model", "tool", "aliases", "prices");
  private static final Pattern DECIMAL =
      Pattern.compile("\\d{1,40}(\\.\\d{1,40})?([eE][+-]?\\d{1,3})?");
  private static final Pattern WHOLE = Pattern.compile("[1-9]\\d{0,11}");

  private final String file;

  /** In the order of the file; a fault in the defaults counts once. */
  private final Set<Fault> faults = new LinkedHashSet<>();

  private final List<PriceEntry> entries = new ArrayList<>();
  private final Map<String, Integer> lineOfId = new HashMap<>();

  PriceFileReader(String file) {
    this.file = file;
  }

  List<PriceEntry> read(String text) {
    Node root = compose(text);
    if (root != null) {
      readTop(root);
    }
    if (!faults.isEmpty()) {
      throw new PriceFileException(List.copyOf(faults));
    }
    return List.copyOf(entries);
  }

  private Node compose(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARACTERS);
    Node root = null;
    try {
      root = new Yaml(options).compose(new StringReader(text));
    } catch (MarkedYAMLException broken) {
      int line = broken.getProblemMark() == null ? 0 : broken.getProblemMark().getLine() + 1;
      faults.add(new Fault(file, line, "file", "YAML", broken.getProblem()));
    } catch (YAMLException broken) {
      faults.add(new Fault(file, 0, "file", "YAML", broken.getMessage()));
    }
    if (root == null && faults.isEmpty()) {
      faults.add(new Fault(file, 1, "file", "currency and prices", "nothing"));
    }
    return root;
  }

  private void readTop(Node root) {
    Map<String, Node> top = mapping(root, "file", TOP);
    String currency = top.containsKey("currency") ? text(top, "currency") : null;
    if (!top.containsKey("currency")) {
      fault(root, "currency", "an ISO 4217 code such as USD", "nothing");
    }
    Map<String, Node> defaults =
        top.containsKey("defaults")
            ? mapping(top.get("defaults"), "defaults", INHERITED)
            : Map.of();
    Node prices = top.get("prices");
    if (!(prices instanceof SequenceNode list)) {
      fault(prices == null ? root : prices, "prices", "a list of prices", shown(prices));
      return;
    }
    Set<String> allowed = new TreeSet<>(INHERITED);
    allowed.addAll(OWN);
    for (Node item : list.getValue()) {
      Map<String, Node> fields = mapping(item, "prices", allowed);
      if (item instanceof MappingNode) {
        readItem(item, fields, defaults, currency, top.getOrDefault("currency", root));
      }
    }
  }

  private void readItem(
      Node item,
      Map<String, Node> own,
      Map<String, Node> defaults,
      String currency,
      Node currencyNode) {
    Map<String, Node> fields = new HashMap<>(defaults);
    fields.putAll(own);
    for (String required : List.of("provider", "valid_from", "prices")) {
      if (!fields.containsKey(required)) {
        fault(item, required, "a value, here or in defaults", "nothing");
      }
    }
    PriceKind kind = kind(item, fields);
    String provider = text(fields, "provider");
    String sku = text(fields, kind == PriceKind.TOOL ? "tool" : "model");
    List<String> aliases = aliases(fields.get("aliases"));
    String tier = Tiers.canonical(text(fields, "tier"));
    String region = text(fields, "region");
    Instant validFrom = time(fields, "valid_from");
    Instant validTo = time(fields, "valid_to");
    Instant knownSince = time(fields, "known_since");
    String source = text(fields, "source");
    String sourceDate = date(fields, "source_date");
    BigDecimal per = per(fields);
    Map<String, BigDecimal> prices = prices(fields.get("prices"), per);
    if (kind == null || provider == null || sku == null || currency == null || validFrom == null) {
      return;
    }
    prices.forEach(
        (unit, price) -> {
          PriceEntry entry = PriceEntries.blank();
          entry.setKind(kind);
          entry.setProvider(provider);
          entry.setSku(sku);
          entry.setAliases(aliases);
          entry.setUnit(unit);
          entry.setPrice(price);
          entry.setCurrency(currency);
          entry.setServiceTier(tier);
          entry.setRegion(region);
          entry.setValidFrom(validFrom);
          entry.setValidTo(validTo);
          entry.setKnownSince(knownSince);
          entry.setSource(source == null ? "" : source);
          entry.setSourceDate(sourceDate);
          entry.setPriceId(PriceIds.of(entry));
          add(entry, item, fields, currencyNode);
        });
  }

  private void add(PriceEntry entry, Node item, Map<String, Node> fields, Node currencyNode) {
    List<Fault> wrong = PriceFaults.of(entry);
    for (Fault fault : wrong) {
      Node at =
          switch (fault.field()) {
            case "currency" -> currencyNode;
            case "sku" -> fields.getOrDefault("model", fields.getOrDefault("tool", item));
            case "service_tier" -> fields.getOrDefault("tier", item);
            case "price", "unit" -> fields.get("prices");
            default -> fields.getOrDefault(fault.field(), item);
          };
      faults.add(fault.at(file, line(at)));
    }
    Integer first = lineOfId.putIfAbsent(entry.getPriceId(), line(item));
    if (first != null) {
      fault(
          item,
          "prices." + entry.getUnit(),
          "one price per name, unit, tier, region and valid_from",
          "a second one; the first stands in line " + first);
    }
    if (wrong.isEmpty() && first == null) {
      entries.add(entry);
    }
  }

  private PriceKind kind(Node item, Map<String, Node> fields) {
    boolean model = fields.containsKey("model");
    boolean tool = fields.containsKey("tool");
    if (model == tool) {
      fault(item, "model", "either model or tool", model ? "both" : "neither");
      return null;
    }
    return model ? PriceKind.MODEL : PriceKind.TOOL;
  }

  private Map<String, BigDecimal> prices(Node node, BigDecimal per) {
    if (node == null) {
      return Map.of();
    }
    Map<String, Node> units = mapping(node, "prices", null);
    if (units.isEmpty() && node instanceof MappingNode) {
      fault(node, "prices", "at least one unit with its price", "none");
    }
    Map<String, BigDecimal> prices = new LinkedHashMap<>();
    units.forEach(
        (unit, value) -> {
          BigDecimal price = price("prices." + unit, value, per);
          if (price != null) {
            prices.put(unit, price);
          }
        });
    return prices;
  }

  /** The price of one unit, or null after a fault. */
  private BigDecimal price(String field, Node node, BigDecimal per) {
    String text = node instanceof ScalarNode scalar ? scalar.getValue() : null;
    if (text == null || !DECIMAL.matcher(text).matches()) {
      fault(node, field, "a decimal number of 0 or more, such as 0.25", shown(node));
      return null;
    }
    try {
      BigDecimal price = new BigDecimal(text).divide(per);
      if (price.stripTrailingZeros().scale() <= Pico.SCALE) {
        return price.setScale(Pico.SCALE);
      }
    } catch (ArithmeticException endless) {
      // Falls through: a price with endless decimals is refused as one with too many.
    }
    fault(node, field, "at most 12 decimals for one unit", text + " per " + per.toPlainString());
    return null;
  }

  private BigDecimal per(Map<String, Node> fields) {
    String per = text(fields, "per");
    if (per == null) {
      return BigDecimal.ONE;
    }
    if (!WHOLE.matcher(per).matches()) {
      fault(fields.get("per"), "per", "a whole number of 1 or more, such as 1000000", per);
      return BigDecimal.ONE;
    }
    return new BigDecimal(per);
  }

  private List<String> aliases(Node node) {
    if (node == null) {
      return List.of();
    }
    List<String> aliases = new ArrayList<>();
    if (node instanceof SequenceNode list) {
      for (Node item : list.getValue()) {
        if (item instanceof ScalarNode scalar) {
          aliases.add(scalar.getValue());
        } else {
          fault(item, "aliases", "a name", shown(item));
        }
      }
    } else {
      fault(node, "aliases", "a list of names", shown(node));
    }
    return List.copyOf(aliases);
  }

  /**
   * A day, meaning its first instant in UTC, or an instant; null if there is none or after a fault.
   */
  private Instant time(Map<String, Node> fields, String field) {
    String text = text(fields, field);
    if (text == null) {
      return null;
    }
    try {
      return text.length() == "2025-01-01".length()
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException wrong) {
      fault(
          fields.get(field), field, "a day as 2025-01-31 or a time as 2025-01-31T12:00:00Z", text);
      return null;
    }
  }

  private String date(Map<String, Node> fields, String field) {
    String text = text(fields, field);
    if (text == null) {
      return null;
    }
    try {
      return LocalDate.parse(text).toString();
    } catch (DateTimeParseException wrong) {
      fault(fields.get(field), field, "a day as 2025-01-31", text);
      return null;
    }
  }

  /** The field's text; null if it is absent, empty, or no scalar, which is a fault. */
  private String text(Map<String, Node> fields, String field) {
    Node node = fields.get(field);
    if (node == null) {
      return null;
    }
    if (!(node instanceof ScalarNode scalar)) {
      fault(node, field, "a single value", shown(node));
      return null;
    }
    return scalar.getTag().equals(Tag.NULL) ? null : scalar.getValue();
  }

  /**
   * The fields of a mapping by name.
   *
   * @param allowed names that may occur; null for any
   */
  private Map<String, Node> mapping(Node node, String field, Set<String> allowed) {
    if (!(node instanceof MappingNode mapping)) {
      fault(node, field, "fields with values", shown(node));
      return Map.of();
    }
    Map<String, Node> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
      if (allowed != null && !allowed.contains(name)) {
        fault(
            tuple.getKeyNode(),
            name.isEmpty() ? field : name,
            "one of " + new TreeSet<>(allowed),
            "an unknown field");
      } else if (fields.putIfAbsent(name, tuple.getValueNode()) != null) {
        fault(tuple.getKeyNode(), name, "the field once", "a second one");
      }
    }
    return fields;
  }

  private void fault(Node node, String field, String expected, String found) {
    faults.add(new Fault(file, line(node), field, expected, found));
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  private static String shown(Node node) {
    if (node == null) {
      return "nothing";
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getTag().equals(Tag.NULL) ? "nothing" : "'" + scalar.getValue() + "'";
    }
    return node instanceof SequenceNode ? "a list" : "fields";
  }
}
