package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;

/**
 * 64 bits that stand for a content: the first 8 bytes of its SHA-256, so that the content itself
 * need not be kept. JSON is brought into one form before, whether it came as text or as a
 * structure: members in order of their names, no blanks, numbers without trailing zeros.
 */
final class Fingerprint {

  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(Object.class);

  /** A number may be written as 1e999999999; in full it would fill the memory. */
  private static final int MAX_EXPONENT = 50;

  private static final int MAX_DEPTH = 200;

  private Fingerprint() {}

  /** The hash of an attribute's value; null for null. */
  static Long of(Object content) {
    if (content == null) {
      return null;
    }
    StringBuilder canonical = new StringBuilder();
    if (content instanceof String text) {
      Object parsed = parsed(text.strip());
      if (parsed == null) {
        canonical.append(text.strip());
      } else {
        write(parsed, canonical, 0);
      }
    } else {
      write(content, canonical, 0);
    }
    return ByteBuffer.wrap(sha256(canonical.toString())).getLong();
  }

  /** The object or array that the text holds; null if it is anything else. */
  private static Object parsed(String text) {
    if (!text.startsWith("{") && !text.startsWith("[")) {
      return null;
    }
    try {
      return JSON.readValue(text);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void write(Object value, StringBuilder to, int depth) {
    if (depth > MAX_DEPTH) {
      to.append('…');
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach((name, member) -> sorted.put(String.valueOf(name), member));
      to.append('{');
      sorted.forEach(
          (name, member) -> {
            quote(name, to);
            to.append(':');
            write(member, to, depth + 1);
            to.append(',');
          });
      to.append('}');
    } else if (value instanceof Iterable<?> list) {
      to.append('[');
      for (Object item : list) {
        write(item, to, depth + 1);
        to.append(',');
      }
      to.append(']');
    } else if (value instanceof Number number) {
      to.append(plain(number));
    } else if (value instanceof byte[] bytes) {
      to.append(new String(bytes, StandardCharsets.ISO_8859_1));
    } else if (value instanceof String text) {
      quote(text, to);
    } else {
      to.append(value);
    }
  }

  private static String plain(Number number) {
    try {
      BigDecimal decimal = new BigDecimal(number.toString()).stripTrailingZeros();
      return Math.abs((long) decimal.scale()) <= MAX_EXPONENT
          ? decimal.toPlainString()
          : decimal.toString();
    } catch (NumberFormatException e) {
      return number.toString(); // NaN and the infinities
    }
  }

  private static void quote(String text, StringBuilder to) {
    to.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
