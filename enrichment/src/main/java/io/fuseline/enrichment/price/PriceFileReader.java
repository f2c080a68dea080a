package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
          "tenant",
          "tier",
          "region",
          "band",
          "daily",
          "valid_from",
          "valid_to",
          "known_since",
          "source",
          "source_date",
          "currency",
          "per");

  /** Field that names what is priced, to its kind. */
  private static final Map<String, PriceKind> SUBJECTS =
      Map.of(
          "model", PriceKind.MODEL,
          "tool", PriceKind.TOOL,
          "human", PriceKind.HUMAN,
          "credit", PriceKind.CURRENCY);

  /** Field that says what it costs, to how that is applied. */
  private static final Map<String, PriceBasis> FORMS =
      Map.of(
          "prices", PriceBasis.PER_UNIT,
          "worth", PriceBasis.PER_UNIT,
          "multiplier", PriceBasis.MULTIPLIER,
          "declared_up_to", PriceBasis.DECLARED,
          "deployments", PriceBasis.ALIAS,
          "commitment", PriceBasis.COMMITMENT);

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
    allowed.addAll(SUBJECTS.keySet());
    allowed.addAll(FORMS.keySet());
    allowed.add("aliases");
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
    for (String required : List.of("provider", "valid_from")) {
      if (!fields.containsKey(required)) {
        fault(item, required, "a value, here or in defaults", "nothing");
      }
    }
    String subject = only(item, fields, SUBJECTS.keySet());
    String form = only(item, fields, FORMS.keySet());
    PriceEntry common = PriceEntries.blank();
    common.setProvider(text(fields, "provider"));
    common.setSku(subject == null ? null : text(fields, subject));
    common.setKind(subject == null ? null : SUBJECTS.get(subject));
    common.setBasis(form == null ? null : FORMS.get(form));
    common.setAliases(names("aliases", fields.get("aliases")));
    common.setTenantId(text(fields, "tenant"));
    common.setServiceTier(tier(fields, form));
    common.setRegion(text(fields, "region"));
    Instant validFrom = time(fields, "valid_from");
    if (validFrom != null) {
      common.setValidFrom(validFrom);
    }
    common.setValidTo(time(fields, "valid_to"));
    common.setKnownSince(time(fields, "known_since"));
    String source = text(fields, "source");
    common.setSource(source == null ? "" : source);
    common.setSourceDate(date(fields, "source_date"));
    boolean ownCurrency = fields.containsKey("currency");
    common.setCurrency(ownCurrency ? text(fields, "currency") : currency);
    boolean conditions = band(common, fields.get("band")) & daily(common, fields);
    BigDecimal per = per(fields);
    List<PriceEntry> priced =
        form == null ? List.of() : priced(common, form, fields.get(form), per);
    boolean complete =
        conditions
            && subject != null
            && common.getProvider() != null
            && common.getSku() != null
            && common.getCurrency() != null
            && validFrom != null;
    if (complete) {
      Node currencyAt = ownCurrency ? fields.get("currency") : currencyNode;
      for (PriceEntry entry : priced) {
        entry.setPriceId(PriceIds.of(entry));
        add(entry, item, fields, subject, form, currencyAt);
      }
    }
  }

  /** One entry per price that the form tells. */
  private List<PriceEntry> priced(PriceEntry common, String form, Node node, BigDecimal per) {
    return switch (form) {
      case "prices" -> {
        List<PriceEntry> priced = new ArrayList<>();
        prices(node, per).forEach((unit, price) -> priced.add(priced(common, unit, price)));
        yield priced;
      }
      case "worth" -> one(common, Units.EVERY, price(form, node, per));
      case "multiplier" -> multipliers(common, node);
      case "declared_up_to" -> one(common, Units.CALLS, price(form, node, per));
      case "deployments" -> {
        common.setAliases(names(form, node));
        yield one(common, Units.EVERY, BigDecimal.ZERO.setScale(Pico.SCALE));
      }
      case "commitment" -> commitment(common, node);
      default -> throw new IllegalArgumentException(form);
    };
  }

  /** One factor for all units, or one for each that is named. */
  private List<PriceEntry> multipliers(PriceEntry common, Node node) {
    if (!(node instanceof MappingNode)) {
      return one(common, Units.EVERY, price("multiplier", node, BigDecimal.ONE));
    }
    List<PriceEntry> priced = new ArrayList<>();
    mapping(node, "multiplier", null)
        .forEach(
            (unit, factor) ->
                priced.addAll(
                    one(common, unit, price("multiplier." + unit, factor, BigDecimal.ONE))));
    return priced;
  }

  private List<PriceEntry> commitment(PriceEntry common, Node node) {
    Map<String, Node> fields = mapping(node, "commitment", Set.of("unit", "per_hour", "capacity"));
    for (String required : List.of("unit", "per_hour", "capacity")) {
      if (!fields.containsKey(required) && node instanceof MappingNode) {
        fault(node, "commitment." + required, "a value", "nothing");
      }
    }
    String unit = text(fields, "unit");
    common.setCapacity(whole("commitment.capacity", fields.get("capacity")));
    return unit == null || common.getCapacity() == null || !fields.containsKey("per_hour")
        ? List.of()
        : one(common, unit, price("commitment.per_hour", fields.get("per_hour"), BigDecimal.ONE));
  }

  private static List<PriceEntry> one(PriceEntry common, String unit, BigDecimal price) {
    return price == null ? List.of() : List.of(priced(common, unit, price));
  }

  private static PriceEntry priced(PriceEntry common, String unit, BigDecimal price) {
    PriceEntry entry = PriceEntries.copy(common);
    entry.setUnit(unit);
    entry.setPrice(price);
    return entry;
  }

  /** Committed capacity is what the tier of that name bills, unless the file says otherwise. */
  private String tier(Map<String, Node> fields, String form) {
    return Tiers.canonical(
        "commitment".equals(form) && !fields.containsKey("tier")
            ? Tiers.PROVISIONED
            : text(fields, "tier"));
  }

  /** Sets from where the price holds; false after a fault. */
  private boolean band(PriceEntry entry, Node node) {
    if (node == null) {
      return true;
    }
    Map<String, Node> fields = mapping(node, "band", Set.of("unit", "from", "above"));
    if (node instanceof MappingNode && fields.containsKey("from") == fields.containsKey("above")) {
      fault(
          node,
          "band",
          "either from (that much or more) or above (more than that)",
          fields.containsKey("from") ? "both" : "neither");
      return false;
    }
    Long from = whole("band.from", fields.get("from"));
    Long above = whole("band.above", fields.get("above"));
    if (from == null && above == null) {
      return false;
    }
    entry.setBandFrom(from != null ? from : above + 1);
    String unit = text(fields, "unit");
    entry.setBandUnit(unit == null ? "" : unit);
    return true;
  }

  /** Sets the time of the day at which the price holds; false after a fault. */
  private boolean daily(PriceEntry entry, Map<String, Node> fields) {
    String window = text(fields, "daily");
    if (window == null) {
      return true;
    }
    int[] minutes = PriceText.window(window);
    if (minutes == null) {
      fault(fields.get("daily"), "daily", PriceText.WINDOW, window);
      return false;
    }
    entry.setDailyFromMinute(minutes[0]);
    entry.setDailyToMinute(minutes[1]);
    return true;
  }

  private void add(
      PriceEntry entry,
      Node item,
      Map<String, Node> fields,
      String subject,
      String form,
      Node currencyNode) {
    List<Fault> wrong = PriceFaults.of(entry);
    for (Fault fault : wrong) {
      Node at =
          switch (fault.field()) {
            case "currency" -> currencyNode;
            case "sku" -> fields.get(subject);
            case "service_tier" -> fields.getOrDefault("tier", item);
            case "tenant_id" -> fields.getOrDefault("tenant", item);
            case "band_unit", "band_from" -> fields.getOrDefault("band", item);
            case "daily_from_minute", "daily_to_minute" -> fields.getOrDefault("daily", item);
            case "price", "unit", "basis", "capacity" -> fields.get(form);
            default -> fields.getOrDefault(fault.field(), item);
          };
      faults.add(fault.at(file, line(at)));
    }
    if (!wrong.isEmpty()) {
      return;
    }
    Integer first = lineOfId.putIfAbsent(entry.getPriceId(), line(item));
    if (first == null) {
      entries.add(entry);
    } else {
      fault(
          item,
          "prices." + entry.getUnit(),
          "one price per name, unit, valid_from and conditions",
          "a second one; the first stands in line " + first);
    }
  }

  /** The one field of these that the item has; null after a fault. */
  private String only(Node item, Map<String, Node> fields, Set<String> names) {
    List<String> given = names.stream().filter(fields::containsKey).sorted().toList();
    if (given.size() == 1) {
      return given.get(0);
    }
    fault(
        item,
        names.contains("model") ? "model" : "prices",
        "one of " + new TreeSet<>(names),
        given.isEmpty() ? "none" : String.join(" and ", given));
    return null;
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
    String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    BigDecimal stated = PriceText.decimal(text);
    if (stated == null) {
      fault(node, field, PriceText.DECIMAL, shown(node));
      return null;
    }
    BigDecimal price = PriceText.perUnit(stated, per);
    if (price == null) {
      fault(node, field, PriceText.TWELVE, text + " per " + per.toPlainString());
    }
    return price;
  }

  private BigDecimal per(Map<String, Node> fields) {
    Long per = whole("per", fields.get("per"));
    return per == null ? BigDecimal.ONE : BigDecimal.valueOf(per);
  }

  /** A whole number of 1 or more; null if there is none or after a fault. */
  private Long whole(String field, Node node) {
    if (node == null) {
      return null;
    }
    String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    Long number = PriceText.whole(text);
    if (number == null) {
      fault(node, field, PriceText.WHOLE, shown(node));
    }
    return number;
  }

  private List<String> names(String field, Node node) {
    if (node == null) {
      return List.of();
    }
    List<String> aliases = new ArrayList<>();
    if (node instanceof SequenceNode list) {
      for (Node item : list.getValue()) {
        if (item instanceof ScalarNode scalar) {
          aliases.add(scalar.getValue());
        } else {
          fault(item, field, "a name", shown(item));
        }
      }
    } else {
      fault(node, field, "a list of names", shown(node));
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
    Instant time = PriceText.time(text);
    if (time == null) {
      fault(fields.get(field), field, PriceText.TIME, text);
    }
    return time;
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
