package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class ToolUseProperties {
  private static final long FIRST_MINUTE = 29_600_000;

  @Property(tries = 200)
  void shouldCountEachKeptMinuteAsANaiveCounterDoes(@ForAll("minutes") List<Long> minutes) {
    ToolUse use = new ToolUse();
    Map<Long, Integer> oracle = new HashMap<>();
    long newest = Long.MIN_VALUE;
    for (long minute : minutes) {
      int ended = use.addCall(minute);

      assertThat(ended)
          .isEqualTo(
              minute > newest && newest != Long.MIN_VALUE ? oracle.getOrDefault(newest, 0) : 0);
      newest = Math.max(newest, minute);
      if (minute > newest - ToolUse.MINUTES) {
        oracle.merge(minute, 1, Integer::sum);
      }
      use = throughBytes(use);
      for (int window = 1; window <= ToolUse.MINUTES; window++) {
        for (long at = newest - 12; at <= newest + 12; at++) {
          assertThat(use.callsInWindow(at, window)).isEqualTo(naive(oracle, newest, at, window));
        }
      }
    }
  }

  @Example
  void shouldForgetEverythingAfterALongGap() {
    ToolUse use = new ToolUse();
    for (int i = 0; i < 50; i++) {
      use.addCall(FIRST_MINUTE);
    }

    int ended = use.addCall(FIRST_MINUTE + 1_000_000);

    assertThat(ended).isEqualTo(50);
    assertThat(use.callsInWindow(FIRST_MINUTE + 1_000_000, 10)).isEqualTo(1);
  }

  private static long naive(Map<Long, Integer> oracle, long newest, long at, int window) {
    return oracle.entrySet().stream()
        .filter(e -> e.getKey() > newest - ToolUse.MINUTES)
        .filter(e -> e.getKey() > at - window && e.getKey() <= at)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Provide
  Arbitrary<List<Long>> minutes() {
    Arbitrary<Long> steps =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.longs().between(0, 1)),
            Tuple.of(2, Arbitraries.longs().between(-14, 14)),
            Tuple.of(1, Arbitraries.longs().between(0, 500)));
    return steps
        .list()
        .ofMinSize(1)
        .ofMaxSize(40)
        .map(
            all -> {
              long[] minute = {FIRST_MINUTE};
              return all.stream().map(step -> minute[0] += step).toList();
            });
  }

  private static ToolUse throughBytes(ToolUse use) {
    BinaryOut out = new BinaryOut(16);
    use.write(out);
    return ToolUse.read(new BinaryIn(out.toBytes()));
  }
}
