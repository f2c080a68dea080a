package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

class CycleStateProperties {

  /** One call: what was called, and whether the result is in it. */
  record Call(long signature, boolean known) {}

  @Property
  void shouldAgreeWithCountingEqualBlocksFromTheEnd(
      @ForAll("calls") List<Call> calls, @ForAll @IntRange(min = 1, max = 8) int maxPeriod) {
    CycleState state = new CycleState();
    List<Call> soFar = new ArrayList<>();
    for (Call call : calls) {
      add(state, call);
      soFar.add(call);

      assertThat(state.strongest(maxPeriod)).isEqualTo(oracle(soFar, maxPeriod));
    }
  }

  @Property
  void shouldSayTheSameWhenStoredBetweenCalls(@ForAll("calls") List<Call> calls) {
    CycleState kept = new CycleState();
    CycleState stored = new CycleState();
    for (Call call : calls) {
      add(kept, call);
      add(stored, call);
      stored = throughBytes(stored);

      assertThat(stored.strongest(8)).isEqualTo(kept.strongest(8));
      assertThat(stored.newestSpanIds(8)).isEqualTo(kept.newestSpanIds(8));
    }
  }

  @Property
  void shouldFindEveryPeriodAtItsThirdRepeat(@ForAll @IntRange(min = 1, max = 8) int period) {
    CycleState state = new CycleState();
    for (int call = 0; call < 3 * period; call++) {
      assertThat(state.strongest(8).count()).isLessThan(3);
      add(state, new Call(call % period, true));
    }

    assertThat(state.strongest(8)).isEqualTo(new CycleState.Repeats(period, 3, true));
    if (period > 1) {
      assertThat(state.strongest(period - 1).count()).isLessThan(3);
    }
  }

  @Property
  void shouldAskForTwiceTheRepeatsWhenResultsAreUnknown(
      @ForAll @IntRange(min = 1, max = 8) int period) {
    CycleState state = new CycleState();
    for (int call = 0; call < 6 * period; call++) {
      assertThat(state.strongest(8).count()).isLessThan(3);
      add(state, new Call(call % period, false));
    }

    assertThat(state.strongest(8)).isEqualTo(new CycleState.Repeats(period, 6, false));
    assertThat(state.strongest(8).count()).isEqualTo(3);
  }

  @Example
  void shouldNotSeeACycleOfNine() {
    CycleState state = new CycleState();
    for (int call = 0; call < 90; call++) {
      add(state, new Call(call % 9, true));

      assertThat(state.strongest(8)).isEqualTo(CycleState.Repeats.NONE);
    }
  }

  @Example
  void shouldKeepTheNewestSpanIdsOldestFirst() {
    CycleState state = new CycleState();
    for (int call = 0; call < 11; call++) {
      state.add(call, true, "span-" + call);
    }

    assertThat(state.newestSpanIds(3)).containsExactly("span-8", "span-9", "span-10");
    assertThat(state.newestSpanIds(99)).hasSize(8).startsWith("span-3");
  }

  /** A period counts k when the last k × period calls are k equal blocks. */
  private static CycleState.Repeats oracle(List<Call> calls, int maxPeriod) {
    CycleState.Repeats best = CycleState.Repeats.NONE;
    for (int period = 1; period <= maxPeriod; period++) {
      int seen = 1;
      while (endsInEqualBlocks(calls, period, seen + 1)) {
        seen++;
      }
      int from = calls.size() - period * seen;
      boolean proven =
          from >= 0 && calls.subList(from, calls.size()).stream().allMatch(Call::known);
      var repeats = new CycleState.Repeats(period, seen, proven);
      if (seen > 1 && repeats.count() > best.count()) {
        best = repeats;
      }
    }
    return best;
  }

  private static boolean endsInEqualBlocks(List<Call> calls, int period, int blocks) {
    int from = calls.size() - period * blocks;
    if (from < 0) {
      return false;
    }
    for (int i = from + period; i < calls.size(); i++) {
      if (calls.get(i).signature() != calls.get(i - period).signature()) {
        return false;
      }
    }
    return true;
  }

  /** Noise of few letters, and repeated blocks, so that cycles do come about. */
  @Provide
  Arbitrary<List<Call>> calls() {
    Arbitrary<Call> call =
        Arbitraries.frequencyOf(Tuple.of(9, letter(true)), Tuple.of(1, letter(false)));
    Arbitrary<List<Call>> noise = call.list().ofMaxSize(12);
    Arbitrary<List<Call>> cycle =
        call.list()
            .ofMinSize(1)
            .ofMaxSize(8)
            .flatMap(
                block ->
                    Arbitraries.integers()
                        .between(1, 7)
                        .map(
                            times -> {
                              List<Call> repeated = new ArrayList<>();
                              for (int i = 0; i < times; i++) {
                                repeated.addAll(block);
                              }
                              return repeated;
                            }));
    return Arbitraries.oneOf(noise, cycle)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(parts -> parts.stream().flatMap(List::stream).toList());
  }

  private static Arbitrary<Call> letter(boolean known) {
    return Arbitraries.longs().between(0, 3).map(signature -> new Call(signature, known));
  }

  private static void add(CycleState state, Call call) {
    state.add(call.signature(), call.known(), "span");
  }

  private static CycleState throughBytes(CycleState state) {
    BinaryOut out = new BinaryOut(16);
    state.write(out);
    return CycleState.read(new BinaryIn(out.toBytes()));
  }
}
