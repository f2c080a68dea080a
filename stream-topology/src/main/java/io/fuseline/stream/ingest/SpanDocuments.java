package io.fuseline.stream.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a body of JSON apart: one value, an array of values, or values one after another, such as
 * JSON lines.
 */
final class SpanDocuments {
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          // Money must not pass through a double.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build()
          .readerFor(JsonNode.class);

  private SpanDocuments() {}

  static List<JsonNode> of(byte[] body) throws UnreadableBatchException {
    List<JsonNode> documents = new ArrayList<>();
    try (JsonParser json = READER.createParser(body)) {
      JsonToken next = json.nextToken();
      if (next == null) {
        throw new UnreadableBatchException("The body is empty; expected JSON", null);
      }
      for (; next != null; next = json.nextToken()) {
        if (next == JsonToken.START_ARRAY) {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            documents.add(READER.readValue(json));
          }
        } else {
          documents.add(READER.readValue(json));
        }
      }
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new UnreadableBatchException(
          "The body is not JSON%s: %s"
              .formatted(
                  place == null
                      ? ""
                      : " at line %d, column %d".formatted(place.getLineNr(), place.getColumnNr()),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UnreadableBatchException("The body is not JSON: " + e.getMessage(), e);
    }
    return documents;
  }
}
