package io.fuseline.stream.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.query.CostQueries.Span;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.function.Function;

/**
 * How answers look as JSON, and back: money as plain decimal strings (a JSON number would be read
 * as a double), times as ISO 8601 UTC, enums by their {@link WireNames}, absent values as null.
 * Each query answer also carries the currency of its money.
 */
final class Json {
  static final String CONTENT_TYPE = "application/json";
  private static final String CURRENCY = "currency";

  /**
   * Unknown members are skipped, so that instances of two versions can ask each other during an
   * upgrade.
   */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private Json() {}

  /** Any value as UTF-8 JSON. */
  static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + value.getClass().getName() + " as JSON", e);
    }
  }

  /** A query's answer with the currency of its money. */
  static byte[] writeAnswer(String currency, Record answer) {
    ObjectNode node = MAPPER.createObjectNode().put(CURRENCY, currency);
    node.setAll((ObjectNode) MAPPER.valueToTree(answer));
    return write(node);
  }

  /**
   * Reads what {@link #writeAnswer} wrote.
   *
   * @throws IOException when the bytes are not such an answer, or its money is in another currency
   */
  static <T extends Record> T readAnswer(byte[] json, String currency, Class<T> type)
      throws IOException {
    JsonNode node = MAPPER.readTree(json);
    String theirs = node.path(CURRENCY).asText();
    if (!theirs.equals(currency)) {
      throw new IOException(
          "the answer is in currency '"
              + theirs
              + "', this instance counts in '"
              + currency
              + "'; all instances of one application need the same settings");
    }
    return MAPPER.treeToValue(node, type);
  }

  /** Any JSON value. */
  static JsonNode tree(byte[] json) throws IOException {
    return MAPPER.readTree(json);
  }

  /**
   * Reads what {@link #write} wrote of a record.
   *
   * @throws IOException when the bytes are not such a record
   */
  static <T extends Record> T read(byte[] json, Class<T> type) throws IOException {
    return MAPPER.readValue(json, type);
  }

  /** Money as answers carry it. */
  static String money(long pico) {
    return plain(BigDecimal.valueOf(pico, Amount.SCALE));
  }

  /** The problem type of an error answer; empty when it is not a problem document. */
  static String problemType(byte[] json) {
    try {
      return MAPPER.readTree(json).path("type").asText();
    } catch (IOException e) {
      return "";
    }
  }

  private static SimpleModule module() {
    var module = new SimpleModule("fuseline-answers");
    text(module, BigDecimal.class, Json::plain, BigDecimal::new);
    text(module, Instant.class, Instant::toString, Instant::parse);
    text(module, Dimension.class, WireNames.DIMENSIONS::name, WireNames.DIMENSIONS::value);
    text(module, WindowSize.class, WireNames.WINDOWS::name, WireNames.WINDOWS::value);
    text(module, TargetType.class, WireNames.TARGETS::name, WireNames.TARGETS::value);
    text(module, Span.class, WireNames.SPANS::name, WireNames.SPANS::value);
    return module;
  }

  private static String plain(BigDecimal money) {
    return money.signum() == 0 ? "0" : money.stripTrailingZeros().toPlainString();
  }

  private static <T> void text(
      SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
    module.addSerializer(type, new TextWriter<>(type, write));
    module.addDeserializer(type, new TextReader<>(type, read));
  }

  private static final class TextWriter<T> extends StdSerializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<T, String> write;

    TextWriter(Class<T> type, Function<T, String> write) {
      super(type);
      this.write = write;
    }

    @Override
    public void serialize(T value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(write.apply(value));
    }
  }

  private static final class TextReader<T> extends StdDeserializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<String, T> read;

    TextReader(Class<T> type, Function<String, T> read) {
      super(type);
      this.read = read;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      String text = json.getText();
      try {
        return read.apply(text);
      } catch (RuntimeException e) {
        throw context.weirdStringException(text, handledType(), e.getMessage());
      }
    }
  }
}
