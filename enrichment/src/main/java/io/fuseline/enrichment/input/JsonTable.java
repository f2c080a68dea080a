package io.fuseline.enrichment.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Tables that come with Fuseline as JSON resources. */
public final class JsonTable {

  private static final JsonMapper JSON = new JsonMapper();

  private JsonTable() {}

  /**
   * The table at that place on the class path.
   *
   * @throws IllegalStateException when the jar lacks it
   */
  public static JsonNode load(String resource) {
    try (InputStream in = JsonTable.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            resource + " is missing from the enrichment jar; build it anew");
      }
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }
}
