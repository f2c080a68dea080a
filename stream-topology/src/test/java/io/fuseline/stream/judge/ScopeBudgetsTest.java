package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.ScopeUnderTest.spend;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.stream.policy.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Budgets of scopes over windows of every kind. */
class ScopeBudgetsTest {
  private static final long HOUR = 60 * Times.MICROS_PER_MINUTE;

  private static String budget(String window, String limit) {
    return "{id: cap, rule: {type: budget, per: agent, %s, limit: %s}, ladder: [{at: 100%%, action: pause}]}"
        .formatted(window, limit);
  }

  @Example
  void shouldAddUpAMonthOfTheZone() {
    ScopeUnderTest scope = ScopeUnderTest.agent(budget("window: month, zone: Europe/Berlin", "10"));
    scope.spends("6", at("2026-10-31T22:59:00Z")); // still October in Berlin
    scope.spends("6", at("2026-10-31T23:01:00Z")); // November
    assertThat(scope.commands).isEmpty();

    scope.spends("4", at("2026-11-30T22:59:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE);

    scope.spends("1", at("2026-11-30T23:01:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
  }

  @Example
  void shouldEndAMonthByTheClockWhenTheScopeIsSilent() {
    ScopeUnderTest scope = ScopeUnderTest.agent(budget("window: month", "10"));
    scope.spends("12", at("2026-11-30T23:30:00Z"));

    scope.clock(at("2026-11-30T23:59:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE);
    scope.clock(at("2026-12-01T00:01:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
  }

  @Example
  void shouldHoldARollingWindowAndLetGoWhenItHasMovedOn() {
    ScopeUnderTest scope = ScopeUnderTest.agent(budget("window: 24h", "10"));
    long start = at("2026-05-04T18:30:00Z");
    scope.spends("6", start).spends("3", start + 10 * HOUR);
    assertThat(scope.commands).isEmpty();

    scope.spends("1", start + 20 * HOUR); // over midnight: a calendar day would not see it
    assertThat(scope.actions()).containsExactly(Action.PAUSE);

    scope.clock(start + 23 * HOUR);
    assertThat(scope.actions()).containsExactly(Action.PAUSE);
    scope.clock(start + 25 * HOUR);
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
  }

  @Example
  void shouldCountToolCallsOfAnAgentPerMinute() {
    ScopeUnderTest scope =
        ScopeUnderTest.agent(
            """
            id: rate
            rule: {type: budget, per: agent, of: llm-calls, window: minute, limit: 30}
            ladder: [{at: 100%, action: throttle, caps: {cooldown_ms: 2000}}]
            """);
    long start = at("2026-05-04T10:00:00Z");
    for (int i = 0; i < 29; i++) {
      scope.spends("0", start + i).spends("0", start + Times.MICROS_PER_MINUTE + i);
    }
    assertThat(scope.commands).isEmpty();

    scope.spends("0", start + Times.MICROS_PER_MINUTE + 100);
    assertThat(scope.actions()).containsExactly(Action.THROTTLE);
  }

  @Example
  void shouldNotResetWhatWasSpentWhenABudgetIsEditedOrCreatedAnew() {
    ScopeUnderTest scope = ScopeUnderTest.agent(budget("window: week", "100"));
    scope.spends("30", at("2026-05-04T10:00:00Z")); // Monday
    scope.apply("{id: other, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}");
    scope.spends("30", at("2026-05-05T10:00:00Z"));
    assertThat(scope.state.meters).isEmpty();

    scope.apply(budget("window: week", "70").replace("id: cap", "id: anew"));
    scope.spends("9", at("2026-05-06T10:00:00Z"));
    assertThat(scope.commands).isEmpty(); // 69
    scope.spends("1", at("2026-05-06T11:00:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE);

    scope.apply(
        budget("window: quarter, zone: Europe/Berlin", "72").replace("id: cap", "id: anew"));
    scope.spends("1", at("2026-05-20T11:00:00Z")).spends("1", at("2026-05-20T11:00:00Z"));
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE, Action.PAUSE);
    scope.apply(budget("window: 30d", "74"));
    scope.spends("1", at("2026-05-20T12:00:00Z")).spends("1", at("2026-05-20T12:00:00Z"));
    assertThat(scope.actions()).endsWith(Action.RESTORE, Action.PAUSE);
  }

  @Property(tries = 300)
  void shouldAddUpWhatTheLedgerHoldsWhateverTheOrder(
      @ForAll @Size(min = 1, max = 30) List<@From("minutes") Integer> minutes,
      @ForAll("windows") Window window) {
    // An old one first, so that the state knows the window; late ones count in the hours they are
    // of.
    long base = at("2026-10-20T00:00:00Z");
    String yaml =
        window.isRolling()
            ? budget("window: " + window.length().toHours() + "h", "1000000")
            : budget(
                "window: %s, zone: %s"
                    .formatted(
                        window.unit().name().toLowerCase(java.util.Locale.ROOT), window.zone()),
                "1000000");
    ScopeUnderTest scope = ScopeUnderTest.agent(yaml);
    long newest = Long.MIN_VALUE;
    for (int minute : minutes) {
      long micros = base + minute * Times.MICROS_PER_MINUTE;
      newest = Math.max(newest, micros);
      scope.see(spend("1", micros));
    }

    long expected = 0;
    for (int minute : minutes) {
      long micros = base + minute * Times.MICROS_PER_MINUTE;
      long hour = micros - Math.floorMod(micros, HOUR);
      boolean in =
          window.isRolling()
              ? hour > newest - Math.floorMod(newest, HOUR) - window.lengthMicros()
              : window.start(micros) == window.start(newest);
      expected += in ? 1 : 0;
    }
    Meter meter = scope.state.meters.get(window.name());
    assertThat(meter.sum().cost.toBigDecimal()).isEqualByComparingTo(String.valueOf(expected));
    Meter filled = new Meter();
    filled.fill(window, scope.key, newest, scope);
    assertThat(filled.sum().cost).isEqualTo(meter.sum().cost);
  }

  @Provide
  Arbitrary<Integer> minutes() {
    return Arbitraries.integers().between(0, 14 * 24 * 60);
  }

  @Provide
  Arbitrary<Window> windows() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    return Arbitraries.of(
        Window.calendar(Window.Unit.DAY, berlin), // clocks are set back within
        Window.calendar(Window.Unit.WEEK, berlin),
        Window.calendar(Window.Unit.MONTH, ZoneId.of("America/New_York")),
        Window.rolling(Duration.ofHours(24)),
        Window.rolling(Duration.ofHours(100)));
  }

  private static long at(String instant) {
    return Times.micros(Instant.parse(instant));
  }
}
