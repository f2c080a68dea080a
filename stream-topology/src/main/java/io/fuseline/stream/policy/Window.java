package io.fuseline.stream.policy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/**
 * Over which time a budget adds up: for ever, by the calendar of a time zone, or the newest time of
 * some length. Event time; all times are epoch microseconds, UTC.
 *
 * @param zone whose calendar it is; UTC for what follows no calendar
 * @param length of a rolling window; null for the others
 */
public record Window(Unit unit, ZoneId zone, Duration length) {
  public static final Window LIFE = new Window(Unit.LIFE, ZoneOffset.UTC, null);
  public static final Window HOUR = new Window(Unit.HOUR, ZoneOffset.UTC, null);
  public static final Window DAY = new Window(Unit.DAY, ZoneOffset.UTC, null);

  private static final long MICROS_PER_MILLI = 1000;
  private static final Duration MINUTE_LENGTH = Duration.ofMinutes(1);
  private static final Duration HOUR_LENGTH = Duration.ofHours(1);
  private static final Duration DAY_LENGTH = Duration.ofDays(1);

  /** Longest rolling window that is kept in minutes, and in hours; longer ones are kept in days. */
  private static final Duration MOST_IN_MINUTES = Duration.ofHours(2);

  private static final Duration MOST_IN_HOURS = Duration.ofDays(7);

  /** Shortest and longest rolling window. */
  public static final Duration SHORTEST = MINUTE_LENGTH;

  public static final Duration LONGEST = Duration.ofDays(100);

  /** Kinds of windows. Weeks begin on Monday, quarters in January, April, July and October. */
  public enum Unit {
    LIFE,
    MINUTE,
    HOUR,
    DAY,
    WEEK,
    MONTH,
    QUARTER,
    ROLLING
  }

  public static Window calendar(Unit unit, ZoneId zone) {
    return new Window(unit, zone.normalized(), null);
  }

  public static Window rolling(Duration length) {
    return new Window(Unit.ROLLING, ZoneOffset.UTC, length);
  }

  /** The same name for the same window, such as {@code DAY} or {@code MONTH Europe/Berlin}. */
  public String name() {
    if (unit == Unit.ROLLING) {
      return unit + " " + length;
    }
    return zone.equals(ZoneOffset.UTC) ? unit.name() : unit + " " + zone;
  }

  /** How it is said of spend, with a blank before: " this week"; empty for ever. */
  public String words() {
    return switch (unit) {
      case LIFE -> "";
      case DAY -> " today";
      case ROLLING ->
          " within " + length.toString().substring(1).replace("T", "").toLowerCase(Locale.ROOT);
      default -> " this " + unit.name().toLowerCase(Locale.ROOT);
    };
  }

  public boolean isRolling() {
    return unit == Unit.ROLLING;
  }

  /**
   * First instant of the calendar window that an instant is in. Days begin at the first instant of
   * the date in the zone, also where that is not midnight; the hour that a clock set back repeats
   * counts as two.
   */
  public long start(long micros) {
    if (unit == Unit.LIFE || unit == Unit.ROLLING) {
      throw new IllegalStateException(unit + " follows no calendar");
    }
    if (zone.equals(ZoneOffset.UTC) && unit.compareTo(Unit.DAY) <= 0) {
      long fixed = fixedLength().toMillis() * MICROS_PER_MILLI;
      return Math.floorDiv(micros, fixed) * fixed;
    }
    ZonedDateTime time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atZone(zone);
    if (unit == Unit.MINUTE || unit == Unit.HOUR) {
      ChronoUnit field = unit == Unit.MINUTE ? ChronoUnit.MINUTES : ChronoUnit.HOURS;
      return micros(time.truncatedTo(field));
    }
    return micros(firstDay(time.toLocalDate()).atStartOfDay(zone));
  }

  /** First instant after the calendar window that an instant is in. */
  public long end(long micros) {
    ZonedDateTime start = Instant.EPOCH.plus(start(micros), ChronoUnit.MICROS).atZone(zone);
    LocalDate date = start.toLocalDate();
    return switch (unit) {
      case MINUTE, HOUR -> start(micros) + fixedLength().toMillis() * MICROS_PER_MILLI;
      case WEEK -> micros(date.plusWeeks(1).atStartOfDay(zone));
      case MONTH -> micros(date.plusMonths(1).atStartOfDay(zone));
      case QUARTER -> micros(date.plusMonths(3).atStartOfDay(zone));
      default -> micros(date.plusDays(1).atStartOfDay(zone));
    };
  }

  private LocalDate firstDay(LocalDate date) {
    return switch (unit) {
      case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTH -> date.withDayOfMonth(1);
      case QUARTER -> date.withMonth((date.getMonthValue() - 1) / 3 * 3 + 1).withDayOfMonth(1);
      default -> date;
    };
  }

  private Duration fixedLength() {
    return unit == Unit.MINUTE ? MINUTE_LENGTH : unit == Unit.HOUR ? HOUR_LENGTH : DAY_LENGTH;
  }

  /**
   * Microseconds of the parts a rolling window is kept in: minutes up to 2 hours, hours up to 7
   * days, else days. The oldest part counts until all of it is too old, so that the window holds up
   * to one part more than its length.
   */
  public long partMicros() {
    Duration part =
        length.compareTo(MOST_IN_MINUTES) <= 0
            ? MINUTE_LENGTH
            : length.compareTo(MOST_IN_HOURS) <= 0 ? HOUR_LENGTH : DAY_LENGTH;
    return part.toMillis() * MICROS_PER_MILLI;
  }

  public long lengthMicros() {
    return length.toMillis() * MICROS_PER_MILLI;
  }

  private static long micros(ZonedDateTime time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant());
  }
}
