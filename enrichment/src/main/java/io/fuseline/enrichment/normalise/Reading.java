package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fuseline.enrichment.normalise.AttributeTable.Slot;
import io.fuseline.schemas.SpanKind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What attributes say, sorted by the table: each thing as the first attribute in its list says it.
 */
final class Reading {

  private static final ObjectReader JSON =
      JsonMapper.builder()
          // Money must not pass through a double.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build()
          .readerForMapOf(Object.class);

  private static final int MAX_DEPTH = 8;
  private static final int MAX_RAW = 64;

  private final AttributeTable table;
  private final String dialect;
  private final SpanKind kind;
  private final Object[] fields = new Object[Field.values().length];
  private final int[] fieldRanks = new int[fields.length];
  private final long[] counters = new long[Counter.values().length];
  private final int[] counterRanks = new int[counters.length];
  private final String[] counterNames = new String[counters.length];
  private final Map<String, Long> raw = new HashMap<>();
  private final Map<String, Long> units = new HashMap<>();
  private final Map<String, Integer> unitRanks = new HashMap<>();
  private final Map<String, String> tags = new HashMap<>();
  private boolean disjoint;
  private String unreadable;

  private Reading(AttributeTable table, String dialect, SpanKind kind) {
    this.table = table;
    this.dialect = dialect;
    this.kind = kind;
    Arrays.fill(counters, Values.ABSENT);
  }

  static Reading ofSpan(Map<String, Object> attributes, String dialect, SpanKind kind) {
    Reading reading = new Reading(AttributeTable.SPAN, dialect, kind);
    attributes.forEach((name, value) -> reading.visit(name, value, 0));
    return reading;
  }

  static Reading ofResource(Map<String, Object> attributes) {
    Reading reading = new Reading(AttributeTable.RESOURCE, "", null);
    attributes.forEach((name, value) -> reading.visit(name, value, 0));
    return reading;
  }

  /** The field as text, or null. */
  String text(Field field) {
    return Values.text(fields[field.ordinal()]);
  }

  /** The field as it came, or null. */
  Object value(Field field) {
    return fields[field.ordinal()];
  }

  /** The counter, or {@link Values#ABSENT}. */
  long count(Counter counter) {
    return counters[counter.ordinal()];
  }

  /** The attribute that told the counter, for messages. */
  String nameOf(Counter counter) {
    return counterNames[counter.ordinal()];
  }

  /** Counters as reported, by attribute. */
  Map<String, Long> raw() {
    return raw;
  }

  /** Usage besides tokens; also tokens if the producer told disjoint usage. */
  Map<String, Long> units() {
    return units;
  }

  /** Whether the producer told disjoint usage, so that counters do not count. */
  boolean disjoint() {
    return disjoint;
  }

  Map<String, String> tags() {
    return tags;
  }

  /** A counter that is no whole number, by its attribute; null if all can be read. */
  String unreadable() {
    return unreadable;
  }

  private void visit(String name, Object value, int depth) {
    if (name == null || value == null) {
      return;
    }
    for (Slot slot : table.slots(name)) {
      if (slot.holds(dialect, kind)) {
        fill(slot, name, value);
      }
    }
    if (name.startsWith(AttributeTable.UNIT_PREFIX)) {
      unit(name.substring(AttributeTable.UNIT_PREFIX.length()), name, value);
    }
    tag(name, value);
    String own = own(name);
    if (own != null) {
      visit(own, value, depth + 1);
    }
    members(name, value, depth);
  }

  /** The name under which a user's own metadata counts; null if it is none of ours. */
  private static String own(String name) {
    for (String prefix : AttributeTable.METADATA) {
      if (name.startsWith("fuseline.", prefix.length()) && name.startsWith(prefix)) {
        return name.substring(prefix.length());
      }
    }
    return null;
  }

  private void members(String name, Object value, int depth) {
    Object whole = value;
    if (value instanceof String text && AttributeTable.JSON.contains(name)) {
      whole = parsed(text);
    }
    if (depth < MAX_DEPTH && whole instanceof Map<?, ?> map) {
      map.forEach((member, inner) -> visit(name + "." + member, inner, depth + 1));
    }
  }

  /** The object that the text holds; null if it holds none. */
  private static Object parsed(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return null;
    }
    try {
      return JSON.readValue(text);
    } catch (JsonProcessingException e) {
      return null; // cut off by the producer, most likely: what it held is not told
    }
  }

  private void fill(Slot slot, String name, Object value) {
    if (slot.field() != null) {
      fill(slot.field(), slot.rank(), value);
      return;
    }
    long count = Values.count(value);
    if (count == Values.ABSENT) {
      return;
    }
    if (count == Values.UNREADABLE) {
      unreadable = name;
      return;
    }
    raw(name, count);
    if (slot.unit() != null) {
      Integer rank = unitRanks.get(slot.unit());
      if (rank == null || slot.rank() < rank) {
        unitRanks.put(slot.unit(), slot.rank());
        units.put(slot.unit(), count);
      }
      return;
    }
    int at = slot.counter().ordinal();
    if (counters[at] == Values.ABSENT || slot.rank() < counterRanks[at]) {
      counters[at] = count;
      counterRanks[at] = slot.rank();
      counterNames[at] = name;
    }
  }

  private void fill(Field field, int rank, Object value) {
    int at = field.ordinal();
    if (fields[at] != null && fieldRanks[at] <= rank || !isUsable(field, value)) {
      return;
    }
    fields[at] = value;
    fieldRanks[at] = rank;
  }

  private static boolean isUsable(Field field, Object value) {
    return switch (field) {
      case ARGUMENTS, RESULT -> Values.hasContent(value);
      case COST -> Values.money(value) != null;
      case PROVIDER -> Places.isProvider(Values.text(value));
      case SERVICE_NAME -> isNamed(Values.text(value));
      default -> Values.text(value) != null;
    };
  }

  /** OpenTelemetry calls a service unknown_service, or unknown_service:node, that nobody named. */
  private static boolean isNamed(String service) {
    return service != null && !service.startsWith("unknown_service");
  }

  private void unit(String unit, String name, Object value) {
    long count = Values.count(value);
    if (count == Values.UNREADABLE) {
      unreadable = name;
    } else if (count != Values.ABSENT) {
      disjoint = true;
      units.put(unit, count);
      unitRanks.put(unit, -1);
      raw(name, count);
    }
  }

  private void raw(String name, long count) {
    if (raw.size() < MAX_RAW) {
      raw.put(name, count);
    }
  }

  private void tag(String name, Object value) {
    for (String prefix : AttributeTable.TAGS) {
      if (name.length() > prefix.length() && name.startsWith(prefix)) {
        String tag = name.substring(prefix.length());
        String text = Values.text(value);
        if (text != null && !tag.startsWith("fuseline.")) {
          tags.put(tag, text);
        }
      }
    }
  }
}
