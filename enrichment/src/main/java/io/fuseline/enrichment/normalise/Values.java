package io.fuseline.enrichment.normalise;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** Values of attributes, read leniently: numbers come as text, and texts as numbers. */
final class Values {

  /** There is no value; also what a program writes that does not know one. */
  static final long ABSENT = Long.MIN_VALUE;

  /** There is a value, but it is no whole number. */
  static final long UNREADABLE = Long.MIN_VALUE + 1;

  private static final int MONEY_SCALE = 12;
  private static final int MAX_MONEY_DIGITS = 26;
  private static final int MAX_NUMBER_CHARACTERS = 60;
  private static final double MAX_EXACT_DOUBLE = 1L << 53;

  private Values() {}

  /** The value as text; null for a blank one, a collection or bytes. */
  static String text(Object value) {
    if (value instanceof String text) {
      String stripped = text.strip();
      return stripped.isEmpty() ? null : stripped;
    }
    if (value instanceof Double number && number == Math.rint(number)) {
      return Math.abs(number) <= MAX_EXACT_DOUBLE ? Long.toString(number.longValue()) : null;
    }
    return value instanceof Number || value instanceof Boolean ? value.toString() : null;
  }

  /** The value as a count: any whole number, else {@link #ABSENT} or {@link #UNREADABLE}. */
  static long count(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return guarded(((Number) value).longValue());
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (Double.isNaN(number)) {
        return ABSENT; // what JavaScript makes of a number that is not there
      }
      boolean whole = number == Math.rint(number) && Math.abs(number) <= MAX_EXACT_DOUBLE;
      return whole ? (long) number : UNREADABLE;
    }
    if (value instanceof BigDecimal number) {
      return whole(number);
    }
    if (value instanceof BigInteger number) {
      return whole(new BigDecimal(number));
    }
    if (value instanceof String text) {
      return count(text.strip());
    }
    return value instanceof Boolean ? UNREADABLE : ABSENT;
  }

  private static long count(String text) {
    switch (text) {
      case "", "null", "None", "undefined", "NaN", "nan":
        return ABSENT;
      default:
        BigDecimal number = number(text);
        return number == null ? UNREADABLE : whole(number);
    }
  }

  /**
   * The value as money, with 12 decimals, half-even where it has more; null if it is none, or
   * beyond 10^26.
   */
  static BigDecimal money(Object value) {
    BigDecimal number = decimal(value);
    if (number == null) {
      return null;
    }
    long digitsBeforePoint = (long) number.precision() - number.scale();
    if (digitsBeforePoint > MAX_MONEY_DIGITS) {
      return null;
    }
    if (digitsBeforePoint < -MONEY_SCALE || number.signum() == 0) {
      return BigDecimal.ZERO.setScale(MONEY_SCALE);
    }
    return number.setScale(MONEY_SCALE, RoundingMode.HALF_EVEN);
  }

  /** False for what says no; true for anything else, and for nothing. */
  static boolean truth(String text) {
    return !("false".equalsIgnoreCase(text) || "0".equals(text));
  }

  private static BigDecimal decimal(Object value) {
    if (value instanceof BigDecimal number) {
      return number;
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      // The shortest decimal that reads back as the same double: what the producer wrote.
      return Double.isFinite(number) ? new BigDecimal(value.toString()) : null;
    }
    if (value instanceof Number || value instanceof String) {
      return number(value.toString().strip());
    }
    return null;
  }

  private static BigDecimal number(String text) {
    if (text.isEmpty() || text.length() > MAX_NUMBER_CHARACTERS) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static long whole(BigDecimal number) {
    try {
      return guarded(number.longValueExact());
    } catch (ArithmeticException e) {
      return UNREADABLE;
    }
  }

  private static long guarded(long count) {
    return count == ABSENT ? UNREADABLE : count;
  }

  /** Whether the value holds members of its own. */
  static boolean isMap(Object value) {
    return value instanceof Map;
  }

  /** Whether there is any content in the value. */
  static boolean hasContent(Object value) {
    if (value instanceof String text) {
      return !text.isBlank();
    }
    return value instanceof Number
        || value instanceof Boolean
        || value instanceof Map
        || value instanceof List
        || value instanceof byte[];
  }
}
