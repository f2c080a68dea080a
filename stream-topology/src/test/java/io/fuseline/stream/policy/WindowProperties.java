package io.fuseline.stream.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class WindowProperties {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Property(tries = 2000)
  void shouldPutEveryInstantInOneWindow(
      @ForAll("zones") ZoneId zone,
      @ForAll("calendarUnits") Window.Unit unit,
      @ForAll("instants") long micros) {
    Window window = Window.calendar(unit, zone);
    long start = window.start(micros);
    long end = window.end(micros);

    assertThat(start).isLessThanOrEqualTo(micros);
    assertThat(end).isGreaterThan(micros);
    assertThat(window.start(start)).isEqualTo(start);
    assertThat(window.start(end)).isEqualTo(end);
    assertThat(window.start(end - 1)).isEqualTo(start);
  }

  @Property(tries = 500)
  void shouldBeginDaysAndMoreAtTheStartOfADateOfTheZone(
      @ForAll("zones") ZoneId zone, @ForAll("instants") long micros) {
    for (Window.Unit unit :
        new Window.Unit[] {
          Window.Unit.DAY, Window.Unit.WEEK, Window.Unit.MONTH, Window.Unit.QUARTER
        }) {
      ZonedDateTime start = time(Window.calendar(unit, zone).start(micros), zone);
      LocalDate date = start.toLocalDate();
      assertThat(start).isEqualTo(date.atStartOfDay(zone));
      assertThat(date.getDayOfMonth() == 1)
          .isEqualTo(
              unit == Window.Unit.MONTH
                  || unit == Window.Unit.QUARTER
                  || date.getDayOfMonth() == 1);
    }
  }

  @Example
  void shouldHaveDaysOf23And25HoursWhenClocksAreSet() {
    Window day = Window.calendar(Window.Unit.DAY, BERLIN);

    assertThat(length(day, "2026-03-29T12:00:00Z")).isEqualTo(Duration.ofHours(23));
    assertThat(length(day, "2026-10-25T12:00:00Z")).isEqualTo(Duration.ofHours(25));
    assertThat(length(day, "2026-10-26T12:00:00Z")).isEqualTo(Duration.ofHours(24));
    assertThat(day.start(micros("2026-03-28T23:30:00Z"))).isEqualTo(micros("2026-03-28T23:00:00Z"));
    assertThat(day.start(micros("2026-03-29T22:30:00Z"))).isEqualTo(micros("2026-03-29T22:00:00Z"));
  }

  @Example
  void shouldCountTheRepeatedHourAsTwo() {
    Window hour = Window.calendar(Window.Unit.HOUR, BERLIN);

    assertThat(hour.start(micros("2026-10-25T00:30:00Z")))
        .isEqualTo(micros("2026-10-25T00:00:00Z"));
    assertThat(hour.start(micros("2026-10-25T01:30:00Z")))
        .isEqualTo(micros("2026-10-25T01:00:00Z"));
  }

  @Example
  void shouldBeginADayThatHasNoMidnightAtItsFirstInstant() {
    ZoneId santiago = ZoneId.of("America/Santiago"); // clocks went from 24:00 to 1:00
    Window day = Window.calendar(Window.Unit.DAY, santiago);

    ZonedDateTime start = time(day.start(micros("2026-09-06T12:00:00Z")), santiago);

    assertThat(start.toLocalTime()).isEqualTo(LocalTime.of(1, 0));
    assertThat(length(day, "2026-09-06T12:00:00Z")).isEqualTo(Duration.ofHours(23));
  }

  @Example
  void shouldBeginWeeksOnMondaysAndQuartersWithTheYear() {
    assertThat(start(Window.Unit.WEEK, "2026-11-25T10:00:00Z")).isEqualTo("2026-11-22T23:00:00Z");
    assertThat(start(Window.Unit.QUARTER, "2026-11-25T10:00:00Z"))
        .isEqualTo("2026-09-30T22:00:00Z");
    assertThat(start(Window.Unit.MONTH, "2026-10-31T23:30:00Z")).isEqualTo("2026-10-31T23:00:00Z");
  }

  private static String start(Window.Unit unit, String at) {
    return time(Window.calendar(unit, BERLIN).start(micros(at)), BERLIN).toInstant().toString();
  }

  private static Duration length(Window window, String at) {
    return Duration.of(window.end(micros(at)) - window.start(micros(at)), ChronoUnit.MICROS);
  }

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }

  private static ZonedDateTime time(long micros, ZoneId zone) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atZone(zone);
  }

  @Provide
  Arbitrary<ZoneId> zones() {
    return Arbitraries.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/Santiago",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Pacific/Apia")
        .map(ZoneId::of);
  }

  @Provide
  Arbitrary<Window.Unit> calendarUnits() {
    return Arbitraries.of(
        Window.Unit.DAY, Window.Unit.WEEK, Window.Unit.MONTH, Window.Unit.QUARTER);
  }

  @Provide
  Arbitrary<Long> instants() {
    return Arbitraries.longs()
        .between(micros("2015-01-01T00:00:00Z"), micros("2035-01-01T00:00:00Z"));
  }
}
