package io.fuseline.schemas.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions.TimestampMicrosConversion;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Records to JSON and back, without loss.
 *
 * <p>The form: fields under their Avro names; an optional value stands there without a wrapper, and
 * is left out when null; money is a plain decimal string; times are ISO 8601 instants in UTC; enums
 * are their symbol; a 64-bit number that JavaScript would round (beyond ±(2^53 − 1)) is a string.
 *
 * <p>Reading also takes: times as epoch milliseconds (a number) or with an offset; 64-bit numbers
 * as number or string; money as string or whole number; an unknown enum symbol, which becomes the
 * enum's default; missing fields, which get the schema's default. Times are cut to microseconds.
 * Unknown fields and wrong types are refused.
 */
public final class AvroJson {
  private static final long LARGEST_EXACT_IN_JAVASCRIPT = (1L << 53) - 1;

  /** Longer texts are no money; reading them as a number would take long. */
  private static final int MAX_DECIMAL_CHARACTERS = 100;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final TimestampMicrosConversion MICROSECONDS = new TimestampMicrosConversion();

  private AvroJson() {}

  /**
   * @throws IllegalArgumentException when a required field of the record is null
   */
  public static ObjectNode toJson(SpecificRecord record) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value != null) {
        json.set(field.name(), write(value));
      } else if (!field.schema().isNullable()) {
        throw new IllegalArgumentException(
            "%s.%s is null but required".formatted(record.getSchema().getName(), field.name()));
      } else if (field.defaultVal() == null) {
        json.putNull(field.name());
      }
    }
    return json;
  }

  /** {@link #toJson} on one line, without a line feed. */
  public static String toJsonText(SpecificRecord record) {
    return toJson(record).toString();
  }

  /**
   * @throws RecordJsonException when the JSON does not fit the record
   */
  public static <T extends SpecificRecord> T fromJson(JsonNode json, Class<T> type) {
    SpecificData model = SpecificData.getForClass(type);
    return type.cast(new Reading(model).record(model.getSchema(type), json));
  }

  /**
   * @throws RecordJsonException when the text is not JSON or does not fit the record
   */
  public static <T extends SpecificRecord> T fromJsonText(String json, Class<T> type) {
    JsonNode tree;
    try {
      tree = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new RecordJsonException("is not JSON: " + e.getOriginalMessage(), e);
    }
    return fromJson(tree, type);
  }

  private static JsonNode write(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value instanceof CharSequence text) {
      return nodes.textNode(text.toString());
    } else if (value instanceof Long number) {
      return Math.abs(number) <= LARGEST_EXACT_IN_JAVASCRIPT && number != Long.MIN_VALUE
          ? nodes.numberNode(number)
          : nodes.textNode(number.toString());
    } else if (value instanceof Integer number) {
      return nodes.numberNode(number);
    } else if (value instanceof Boolean flag) {
      return nodes.booleanNode(flag);
    } else if (value instanceof BigDecimal money) {
      return nodes.textNode(money.stripTrailingZeros().toPlainString());
    } else if (value instanceof Instant time) {
      return nodes.textNode(time.toString());
    } else if (value instanceof Enum<?> symbol) {
      return nodes.textNode(symbol.name());
    } else if (value instanceof SpecificRecord record) {
      return toJson(record);
    } else if (value instanceof List<?> items) {
      ArrayNode array = nodes.arrayNode(items.size());
      items.forEach(item -> array.add(write(item)));
      return array;
    } else if (value instanceof Map<?, ?> entries) {
      ObjectNode object = nodes.objectNode();
      entries.forEach((key, entry) -> object.set(key.toString(), write(entry)));
      return object;
    }
    throw new IllegalArgumentException("No JSON form for " + value.getClass());
  }

  /** One reading; knows how to make records, enums and defaults of the type read. */
  private record Reading(SpecificData model) {

    SpecificRecord record(Schema schema, JsonNode json) {
      if (!json.isObject()) {
        throw expected("an object with the fields of " + schema.getName(), json);
      }
      SpecificRecord record =
          (SpecificRecord) SpecificData.newInstance(model.getClass(schema), schema);
      int found = 0;
      for (Schema.Field field : schema.getFields()) {
        JsonNode value = json.get(field.name());
        try {
          if (value != null) {
            found++;
            record.put(field.pos(), value(field.schema(), value));
          } else {
            record.put(field.pos(), defaultOf(field));
          }
        } catch (RecordJsonException e) {
          throw e.in(field.name());
        }
      }
      if (found < json.size()) {
        throw unknownField(schema, json);
      }
      return record;
    }

    private Object defaultOf(Schema.Field field) {
      if (!field.hasDefaultValue()) {
        throw new RecordJsonException(
            "is missing; expected " + describe(field.schema()) + ", there is no default");
      }
      Object shared = model.getDefaultValue(field);
      // Avro's own list knows no decimals when it compares, so a plain one takes its place.
      return shared instanceof List<?> list
          ? new ArrayList<>(list)
          : model.deepCopy(field.schema(), shared);
    }

    private RecordJsonException unknownField(Schema schema, JsonNode json) {
      String name =
          json.propertyStream()
              .map(Map.Entry::getKey)
              .filter(field -> schema.getField(field) == null)
              .findFirst()
              .orElseThrow();
      return new RecordJsonException("is no field of " + schema.getName()).in(name);
    }

    private Object value(Schema schema, JsonNode json) {
      return switch (schema.getType()) {
        case UNION -> union(schema, json);
        case STRING -> string(json);
        case LONG -> schema.getLogicalType() == null ? number(json) : instant(json);
        case INT -> integer(json);
        case BOOLEAN -> flag(json);
        case BYTES -> money(schema, json);
        case ENUM -> symbol(schema, json);
        case ARRAY -> array(schema, json);
        case MAP -> map(schema, json);
        case RECORD -> record(schema, json);
        default -> throw new IllegalStateException("Our schemas have no " + schema.getType());
      };
    }

    private Object union(Schema schema, JsonNode json) {
      if (json.isNull()) {
        if (schema.isNullable()) {
          return null;
        }
        throw expected(describe(schema), json);
      }
      for (Schema branch : schema.getTypes()) {
        if (branch.getType() != Schema.Type.NULL) {
          return value(branch, json);
        }
      }
      throw expected("null", json);
    }

    private static String string(JsonNode json) {
      if (!json.isTextual()) {
        throw expected("text", json);
      }
      return json.textValue();
    }

    private static Long number(JsonNode json) {
      if (json.isIntegralNumber() && json.canConvertToLong()) {
        return json.longValue();
      }
      if (json.isTextual()) {
        try {
          return Long.parseLong(json.textValue());
        } catch (NumberFormatException notANumber) {
          // Said below.
        }
      }
      throw expected("a whole number of 64 bits", json);
    }

    private static Integer integer(JsonNode json) {
      if (!json.isIntegralNumber() || !json.canConvertToInt()) {
        throw expected("a whole number of 32 bits", json);
      }
      return json.intValue();
    }

    private static Boolean flag(JsonNode json) {
      if (!json.isBoolean()) {
        throw expected("true or false", json);
      }
      return json.booleanValue();
    }

    private static Instant instant(JsonNode json) {
      try {
        if (json.isTextual()) {
          return withinMicroseconds(Instant.parse(json.textValue()));
        } else if (json.isIntegralNumber() && json.canConvertToLong()) {
          return withinMicroseconds(Instant.ofEpochMilli(json.longValue()));
        }
      } catch (DateTimeException | ArithmeticException notATime) {
        // Said below.
      }
      throw expected(
          "an ISO 8601 instant such as 2026-01-31T08:00:00Z, or epoch milliseconds", json);
    }

    /**
     * @throws ArithmeticException when it does not fit into 64 bits of microseconds
     */
    private static Instant withinMicroseconds(Instant time) {
      long micros = MICROSECONDS.toLong(time, null, null);
      return MICROSECONDS.fromLong(micros, null, null);
    }

    private static BigDecimal money(Schema schema, JsonNode json) {
      LogicalTypes.Decimal type = (LogicalTypes.Decimal) schema.getLogicalType();
      BigDecimal value = decimal(json);
      BigDecimal shortest = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
      if (shortest.scale() > type.getScale()) {
        throw expected(
            "at most %d digits after the point (round before writing)".formatted(type.getScale()),
            json);
      }
      int wholeDigits = type.getPrecision() - type.getScale();
      if ((long) shortest.precision() - shortest.scale() > wholeDigits) {
        throw expected("at most %d digits before the point".formatted(wholeDigits), json);
      }
      return shortest.setScale(type.getScale(), RoundingMode.UNNECESSARY);
    }

    private static BigDecimal decimal(JsonNode json) {
      // A binary floating-point number has lost digits already.
      if (json.isIntegralNumber() || json.isBigDecimal()) {
        return json.decimalValue();
      }
      if (json.isTextual() && json.textValue().length() <= MAX_DECIMAL_CHARACTERS) {
        try {
          return new BigDecimal(json.textValue());
        } catch (NumberFormatException notANumber) {
          // Said below.
        }
      }
      throw expected("a decimal number as text, such as \"0.0031\"", json);
    }

    private Object symbol(Schema schema, JsonNode json) {
      if (!json.isTextual()) {
        throw expected(describe(schema), json);
      }
      String symbol = json.textValue();
      if (schema.hasEnumSymbol(symbol)) {
        return model.createEnum(symbol, schema);
      }
      if (schema.getEnumDefault() == null) {
        throw expected(describe(schema), json);
      }
      return model.createEnum(schema.getEnumDefault(), schema);
    }

    private List<Object> array(Schema schema, JsonNode json) {
      if (!json.isArray()) {
        throw expected("an array", json);
      }
      List<Object> items = new ArrayList<>(json.size());
      for (int i = 0; i < json.size(); i++) {
        try {
          items.add(value(schema.getElementType(), json.get(i)));
        } catch (RecordJsonException e) {
          throw e.at(i);
        }
      }
      return items;
    }

    private Map<String, Object> map(Schema schema, JsonNode json) {
      if (!json.isObject()) {
        throw expected("an object", json);
      }
      Map<String, Object> entries = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : json.properties()) {
        try {
          entries.put(entry.getKey(), value(schema.getValueType(), entry.getValue()));
        } catch (RecordJsonException e) {
          throw e.in(entry.getKey());
        }
      }
      return entries;
    }

    private static String describe(Schema schema) {
      LogicalType logical = schema.getLogicalType();
      return switch (schema.getType()) {
        case ENUM -> "one of " + String.join(", ", schema.getEnumSymbols());
        case BYTES -> "a decimal number as text";
        case LONG -> logical == null ? "a whole number" : "an ISO 8601 instant";
        case INT -> "a whole number";
        case STRING -> "text";
        case BOOLEAN -> "true or false";
        case ARRAY -> "an array";
        default -> "an object";
      };
    }

    private static RecordJsonException expected(String what, JsonNode found) {
      String text = found.toString();
      String shown = text.length() <= 80 ? text : text.substring(0, 80) + "…";
      return new RecordJsonException("expected " + what + ", found " + shown);
    }
  }
}
