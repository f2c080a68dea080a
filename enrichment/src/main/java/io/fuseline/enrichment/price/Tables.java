package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.enrichment.input.JsonTable;

/** The tables of prices that come with Fuseline. */
final class Tables {

  private static final String FOLDER = "/io/fuseline/prices/";

  private Tables() {}

  /** The table of that file name. */
  static JsonNode load(String name) {
    return JsonTable.load(FOLDER + name);
  }
}
