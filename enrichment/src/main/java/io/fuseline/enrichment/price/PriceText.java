package io.fuseline.enrichment.price;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How numbers and times are written in our own price files, YAML and CSV. */
final class PriceText {

  static final String TIME = "a day as 2025-01-31 or a time as 2025-01-31T12:00:00Z";
  static final String WINDOW = "two times of the day, UTC, as 08:30-18:00";
  static final String WHOLE = "a whole number of 1 or more, such as 1000000";
  static final String DECIMAL = "a decimal number of 0 or more, such as 0.25";
  static final String TWELVE = "at most 12 decimals for one unit";

  private static final Pattern NUMBER =
      Pattern.compile("\\d{1,40}(\\.\\d{1,40})?([eE][+-]?\\d{1,3})?");
  private static final Pattern COUNT = Pattern.compile("[1-9]\\d{0,17}");
  private static final Pattern HOURS =
      Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d) ?- ?([01]\\d|2[0-4]):([0-5]\\d)");

  private PriceText() {}

  /** The number, exact; null if it is none. */
  static BigDecimal decimal(String text) {
    return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
  }

  /** The price of one unit; null if it needs more than 12 decimals. */
  static BigDecimal perUnit(BigDecimal price, BigDecimal per) {
    try {
      BigDecimal one = price.divide(per);
      return one.stripTrailingZeros().scale() <= Pico.SCALE ? one.setScale(Pico.SCALE) : null;
    } catch (ArithmeticException endless) {
      return null;
    }
  }

  /** The whole number of 1 or more; null if it is none. */
  static Long whole(String text) {
    return COUNT.matcher(text).matches() ? Long.valueOf(text) : null;
  }

  /** A day, meaning its first instant in UTC, or an instant; null if it is neither. */
  static Instant time(String text) {
    try {
      return text.length() == "2025-01-01".length()
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException wrong) {
      return null;
    }
  }

  /** First minute of the day, and first minute no more; null if the text is no such window. */
  static int[] window(String text) {
    Matcher hours = HOURS.matcher(text);
    return hours.matches()
        ? new int[] {minute(hours.group(1), hours.group(2)), minute(hours.group(3), hours.group(4))}
        : null;
  }

  private static int minute(String hours, String minutes) {
    return Integer.parseInt(hours) * 60 + Integer.parseInt(minutes);
  }
}
