package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A convention in which spans are written. The table {@code dialects.json} tells how each is known;
 * the first that matches counts.
 *
 * @param name as {@code source_dialect} has it
 * @param scopes beginnings of the scope names that only this dialect has
 * @param markers attributes that only this dialect has
 * @param events beginnings of the names of its log events
 */
record Dialect(String name, List<String> scopes, List<String> markers, List<String> events) {

  private static final List<Dialect> ALL = all();

  /** The dialect of a span, or null if no known one wrote it. */
  static Dialect of(SourceSpan span, Attributes attributes) {
    for (Dialect dialect : ALL) {
      if (beginsWithAny(span.scopeName(), dialect.scopes) || dialect.marks(attributes)) {
        return dialect;
      }
    }
    return null;
  }

  /** The dialect of a log event, or null. */
  static Dialect ofEvent(SourceEvent event, String scopeName) {
    for (Dialect dialect : ALL) {
      if (!dialect.events.isEmpty()
          && (beginsWithAny(event.name(), dialect.events)
              || beginsWithAny(scopeName, dialect.scopes))) {
        return dialect;
      }
    }
    return null;
  }

  private boolean marks(Attributes attributes) {
    for (String marker : markers) {
      if (attributes.get(marker) != null) {
        return true;
      }
    }
    return false;
  }

  static boolean beginsWithAny(String text, Iterable<String> beginnings) {
    for (String beginning : beginnings) {
      if (text.startsWith(beginning)) {
        return true;
      }
    }
    return false;
  }

  private static List<Dialect> all() {
    List<Dialect> all = new ArrayList<>();
    for (JsonNode row : Tables.load("dialects.json")) {
      all.add(
          new Dialect(
              row.required("name").textValue(),
              List.copyOf(Tables.texts(row.path("scopes"))),
              List.copyOf(Tables.texts(row.path("attributes"))),
              List.copyOf(Tables.texts(row.path("events")))));
    }
    return List.copyOf(all);
  }
}
