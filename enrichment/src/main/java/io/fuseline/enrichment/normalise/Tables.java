package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.enrichment.input.JsonTable;
import java.util.HashSet;
import java.util.Set;

/** The tables of dialects that come with Fuseline. */
final class Tables {

  private static final String FOLDER = "/io/fuseline/dialects/";

  private Tables() {}

  /** The table of that file name. */
  static JsonNode load(String name) {
    return JsonTable.load(FOLDER + name);
  }

  /** The texts of a list; empty when it is not there. */
  static Set<String> texts(JsonNode list) {
    Set<String> texts = new HashSet<>();
    list.forEach(text -> texts.add(text.textValue()));
    return Set.copyOf(texts);
  }
}
