package io.fuseline.enrichment.price;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.fuseline.enrichment.input.Unzipped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Foreign price lists in JSON, plain or gzip. Numbers keep every digit of the text. */
final class PriceListJson {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private PriceListJson() {}

  /**
   * The file's one value.
   *
   * @param expected what the list is, OBJECT or ARRAY
   * @param of what it holds, for messages
   * @throws IOException if it cannot be read or is something else; the message says where
   */
  static JsonNode read(Path file, JsonNodeType expected, String of) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, expected, of);
    } catch (JsonProcessingException | NotAPriceListException broken) {
      throw new IOException(file + ": " + broken.getMessage(), broken);
    }
  }

  /** The stream's one value; the caller closes it. */
  static JsonNode read(InputStream in, JsonNodeType expected, String of) throws IOException {
    JsonNode list = JSON.readTree(Unzipped.of(in));
    if (list.getNodeType() != expected) {
      throw new NotAPriceListException(
          "expected a JSON "
              + expected.name().toLowerCase(Locale.ROOT)
              + " of "
              + of
              + ", found "
              + (list.isMissingNode() ? "nothing" : list.getNodeType()));
    }
    return list;
  }

  /** JSON, but no price list of that kind. */
  static final class NotAPriceListException extends IOException {
    private static final long serialVersionUID = 1L;

    NotAPriceListException(String message) {
      super(message);
    }
  }
}
