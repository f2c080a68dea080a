package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.schemas.SpanKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The table {@code attributes.json}, turned round: from an attribute's name to what it tells. */
final class AttributeTable {

  private static final Slot[] NONE = {};
  private static final JsonNode TABLE = Tables.load("attributes.json");

  /** What attributes of spans and events tell. */
  static final AttributeTable SPAN = new AttributeTable("span");

  /** What attributes of resources tell. */
  static final AttributeTable RESOURCE = new AttributeTable("resource");

  /** Attributes whose text is JSON; members count as attributes, their names joined by dots. */
  static final Set<String> JSON = Tables.texts(TABLE.required("json"));

  /**
   * Where people put names of their own; one that starts with fuseline. counts as if it stood
   * alone.
   */
  static final List<String> METADATA = List.copyOf(texts("metadata_prefixes"));

  /** What follows them becomes a tag's name. */
  static final List<String> TAGS = List.copyOf(texts("tag_prefixes"));

  /** What follows it is a usage unit, told disjoint. */
  static final String UNIT_PREFIX = TABLE.required("unit_prefix").textValue();

  private final Map<String, Slot[]> slots = new HashMap<>();

  private AttributeTable(String where) {
    TABLE
        .required("fields")
        .properties()
        .forEach(
            row -> {
              Field field = Field.valueOf(row.getKey().toUpperCase(Locale.ROOT));
              Set<SpanKind> kinds = kinds(row.getValue().path("kinds"));
              addAll(row.getValue().required(where), field, null, null, kinds);
            });
    if (where.equals("span")) {
      TABLE
          .required("counters")
          .properties()
          .forEach(
              row -> {
                Counter counter = Counter.valueOf(row.getKey().toUpperCase(Locale.ROOT));
                addAll(row.getValue(), null, counter, null, Set.of());
              });
      TABLE
          .required("units")
          .properties()
          .forEach(row -> addAll(row.getValue(), null, null, row.getKey(), Set.of()));
    }
  }

  /** What the attribute tells; empty if nothing. */
  Slot[] slots(String name) {
    Slot[] found = slots.get(name);
    return found == null ? NONE : found;
  }

  private void addAll(
      JsonNode names, Field field, Counter counter, String unit, Set<SpanKind> kinds) {
    int rank = 0;
    for (JsonNode row : names) {
      String name = row.isTextual() ? row.textValue() : row.required("name").textValue();
      Set<SpanKind> only = row.has("kinds") ? kinds(row.get("kinds")) : kinds;
      List<Slot> all = new ArrayList<>(List.of(slots(name)));
      all.add(new Slot(field, counter, unit, rank++, Tables.texts(row.path("in")), only));
      slots.put(name, all.toArray(Slot[]::new));
    }
  }

  private static Set<SpanKind> kinds(JsonNode names) {
    return Tables.texts(names).stream().map(SpanKind::valueOf).collect(Collectors.toSet());
  }

  private static List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    TABLE.required(field).forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  /**
   * What an attribute tells; one of field, counter and unit is given.
   *
   * @param rank place in the list of attributes that tell the same; the lowest wins
   * @param dialects in which it means that; empty for all
   * @param kinds of spans in which it means that; empty for all
   */
  record Slot(
      Field field,
      Counter counter,
      String unit,
      int rank,
      Set<String> dialects,
      Set<SpanKind> kinds) {

    boolean holds(String dialect, SpanKind kind) {
      return (dialects.isEmpty() || dialects.contains(dialect))
          && (kinds.isEmpty() || kinds.contains(kind));
    }
  }
}
