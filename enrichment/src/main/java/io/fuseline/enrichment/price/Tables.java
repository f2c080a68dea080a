package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The tables that come with Fuseline as JSON resources. */
final class Tables {

  private static final String FOLDER = "/io/fuseline/prices/";
  private static final JsonMapper JSON = new JsonMapper();

  private Tables() {}

  /** The table of that file name. */
  static JsonNode load(String name) {
    try (InputStream in = Tables.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(
            FOLDER + name + " is missing from the enrichment jar; build it anew");
      }
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(FOLDER + name + " cannot be read", e);
    }
  }
}
