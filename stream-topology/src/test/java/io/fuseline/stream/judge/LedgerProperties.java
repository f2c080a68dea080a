package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.WindowSize;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

@PropertyDefaults(tries = 300, edgeCases = EdgeCasesMode.NONE)
class LedgerProperties {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String[] AGENTS = {"a", "b"};

  /** What is booked on one of two agents, up to three days around ten o'clock, in any order. */
  record Entry(int agent, long minutes, long pico, long bound, int spans, long tokens) {
    long micros() {
      return TEN_O_CLOCK + minutes * MINUTE;
    }

    Delta delta() {
      return new Delta(
          Delta.Cause.SPAN,
          micros(),
          pico,
          pico,
          bound,
          spans,
          spans,
          0,
          0,
          0,
          tokens,
          "run-1",
          "span-1",
          null,
          null,
          Delta.Presence.UNCHANGED,
          null,
          0,
          null);
    }
  }

  @Property
  void shouldSumToTheSameInHoursDaysAndTotalWhateverTheOrder(
      @ForAll("entries") List<Entry> entries) {
    Map<String, ScopeUnderTest> agents = new HashMap<>();
    for (String agent : AGENTS) {
      agents.put(agent, new ScopeUnderTest(Dimension.AGENT, agent, hourlyPause()));
    }
    for (Entry entry : entries) {
      agents.get(AGENTS[entry.agent()]).see(entry.delta());
    }

    for (int agent = 0; agent < AGENTS.length; agent++) {
      ScopeUnderTest scope = agents.get(AGENTS[agent]);
      Cell oracle = new Cell();
      Map<Long, Amount> hours = new HashMap<>();
      for (Entry entry : entries) {
        if (entry.agent() == agent) {
          oracle.add(entry.delta());
          hours
              .computeIfAbsent(Math.floorDiv(entry.micros(), 60 * MINUTE), h -> new Amount())
              .add(entry.pico());
        }
      }
      assertSame(sum(scope, WindowSize.HOUR), oracle);
      assertSame(sum(scope, WindowSize.DAY), oracle);
      assertSame(scope.state.total(), oracle);
      hours.forEach(
          (hour, cost) ->
              assertThat(
                      scope.cells.get(CellKey.at(scope.key, WindowSize.HOUR, hour * 60 * MINUTE)))
                  .extracting(Cell::cost)
                  .isEqualTo(cost));
    }
  }

  @Property
  void shouldBookAMinuteUnlessItLiesBeyondTheHorizon(@ForAll("entries") List<Entry> entries) {
    ScopeUnderTest scope = new ScopeUnderTest(Dimension.AGENT, "a", hourlyPause());
    Map<Long, Amount> oracle = new HashMap<>();
    long newest = Long.MIN_VALUE;
    for (Entry entry : entries) {
      if (isNothing(entry)) {
        continue;
      }
      scope.see(entry.delta());
      newest = Math.max(newest, entry.micros());
      boolean reaches = entry.micros() >= newest - Ledger.MINUTE_HORIZON.toMillis() * 1000;
      assertThat(scope.inMinute).isEqualTo(reaches);
      if (reaches) {
        oracle.computeIfAbsent(entry.micros(), m -> new Amount()).add(entry.pico());
      }
    }

    Map<Long, Amount> minutes = new HashMap<>();
    scope.cells.forEach(
        (key, cell) -> {
          if (key.window() == WindowSize.MINUTE) {
            minutes.put(key.startMicros(), cell.cost());
          }
        });
    assertThat(minutes).isEqualTo(oracle);
  }

  @Property
  void shouldHoldTheNewestHourAndDayReady(@ForAll("entries") List<Entry> entries) {
    ScopeUnderTest scope = new ScopeUnderTest(Dimension.AGENT, "a", hourlyPause());
    for (Entry entry : entries) {
      scope.see(entry.delta());
    }

    if (scope.state.newestMicros() >= 0) {
      long newest = scope.state.newestMicros();
      assertSame(scope.state.hour(), scope.get(CellKey.at(scope.key, WindowSize.HOUR, newest)));
      assertSame(scope.state.day(), scope.get(CellKey.at(scope.key, WindowSize.DAY, newest)));
    }
  }

  private static boolean isNothing(Entry entry) {
    return entry.delta().isEmpty();
  }

  private static Cell sum(ScopeUnderTest scope, WindowSize window) {
    Cell sum = new Cell();
    scope.cells.forEach(
        (key, cell) -> {
          if (key.window() == window) {
            sum.cost.add(cell.cost);
            sum.bound.add(cell.bound);
            sum.spans += cell.spans;
            sum.llmCalls += cell.llmCalls;
            sum.tokens += cell.tokens;
          }
        });
    return sum;
  }

  private static void assertSame(Cell actual, Cell expected) {
    assertThat(actual.cost).isEqualTo(expected.cost);
    assertThat(actual.bound).isEqualTo(expected.bound);
    assertThat(actual.spans).isEqualTo(expected.spans);
    assertThat(actual.llmCalls).isEqualTo(expected.llmCalls);
    assertThat(actual.tokens).isEqualTo(expected.tokens);
  }

  private static String hourlyPause() {
    return """
        id: hourly
        rule: {type: budget, per: agent, window: hour, limit: "0.001"}
        ladder: [{at: 100%, action: pause}]
        """;
  }

  @Provide
  Arbitrary<List<Entry>> entries() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 1),
            Arbitraries.longs().between(-4320, 4320),
            Arbitraries.oneOf(
                Arbitraries.longs().between(-1000, 1000),
                Arbitraries.longs().between(0, Long.MAX_VALUE)),
            Arbitraries.longs().between(0, 1000),
            Arbitraries.integers().between(-1, 1),
            Arbitraries.longs().between(-50, 50))
        .as(Entry::new)
        .list()
        .ofMaxSize(40);
  }
}
