package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CallWindowProperties {

  /**
   * One call by small numbers.
   *
   * @param result 0 is not known
   */
  record Call(int arguments, int result, boolean error) {
    SpanSigns signs() {
      return signs(null);
    }

    SpanSigns signs(Long likeness) {
      return new SpanSigns(
          error,
          print(arguments + 1),
          result == 0 ? 0 : print(error ? 5_000 + result : result),
          1,
          likeness,
          0,
          0,
          0,
          0,
          null);
    }

    /** No two numbers have the same print. */
    private static long print(int number) {
      return (long) number << 48;
    }

    boolean sameResult(Call other) {
      return result != 0 && result == other.result && error == other.error;
    }
  }

  @Property
  void shouldAgreeWithCountingInTheList(
      @ForAll("calls") List<Call> calls, @ForAll @IntRange(min = 2, max = 64) int within) {
    CallWindow window = new CallWindow();
    List<Call> soFar = new ArrayList<>();
    int points = 0;
    int stale = 0;
    for (Call call : calls) {
      List<Call> before = newest(soFar, CallWindow.CALLS);
      boolean same =
          before.stream().anyMatch(c -> c.arguments == call.arguments && c.sameResult(call));
      boolean half =
          before.stream().anyMatch(c -> c.arguments == call.arguments || c.sameResult(call));
      points = Math.max(0, points + (same ? 3 : half ? 1 : -2));
      boolean old = before.stream().anyMatch(c -> c.sameResult(call));
      stale = call.result == 0 ? stale : old ? stale + 1 : 0;

      window.add(call.signs());
      soFar.add(call);
      List<Call> seen = newest(soFar, within);

      assertThat(window.points()).isEqualTo(points);
      assertThat(window.callsWithoutNews()).isEqualTo(stale);
      assertThat(window.sameCalls(within))
          .isEqualTo((int) seen.stream().filter(c -> c.arguments == call.arguments).count());
      assertThat(window.sameErrors(within))
          .isEqualTo(call.error ? (int) seen.stream().filter(c -> c.sameResult(call)).count() : 0);
      assertThat(window.turns(within)).isEqualTo(turns(seen));
      assertThat(window.nearRepeats(within)).isEqualTo(nearRepeats(seen));
    }
  }

  @Property
  void shouldSayTheSameWhenStoredBetweenCalls(
      @ForAll("calls") List<Call> calls, @ForAll boolean withLikeness) {
    CallWindow kept = new CallWindow();
    CallWindow stored = new CallWindow();
    for (Call call : calls) {
      Long likeness = withLikeness && call.arguments % 2 == 0 ? (long) call.arguments << 20 : null;
      kept.add(call.signs(likeness));
      stored.add(call.signs(likeness));
      stored = stored.copy();

      assertThat(bytes(stored)).isEqualTo(bytes(kept));
      assertThat(bytes(stored).length).isLessThanOrEqualTo(CallWindow.MAX_BYTES);
    }
  }

  @Property
  void shouldGatherPointsAlsoWhenOtherCallsComeInBetween(
      @ForAll @IntRange(min = 1, max = 40) int period,
      @ForAll @IntRange(min = 2, max = 9) int every) {
    CallWindow window = new CallWindow();
    int looping = 0;
    for (int call = 0; looping < 3 * period + 60; call++) {
      if (every > 2 && call % every == 0) {
        window.add(new Call(1_000 + call, 1_000 + call, false).signs());
      } else {
        window.add(new Call(looping % period, looping % period + 1, false).signs());
        looping++;
      }
    }

    assertThat(window.points()).isGreaterThan(60);
  }

  @Property
  void shouldHaveNoPointsWhileEveryCallBringsSomethingNew(
      @ForAll @IntRange(min = 0, max = 300) int calls) {
    CallWindow window = new CallWindow();
    for (int call = 0; call < calls; call++) {
      window.add(new Call(call, call + 1, false).signs());
    }

    assertThat(window.points()).isLessThan(5); // prints of 16 bits may rarely be equal
  }

  @Example
  void shouldTakeLikeArgumentsForTheSame() {
    CallWindow like = new CallWindow();
    CallWindow unlike = new CallWindow();
    long arguments = 0x0123_4567_89AB_CDEFL;
    for (int call = 0; call < 12; call++) {
      like.add(new Call(call, 0, false).signs(arguments ^ 1L << call));
      unlike.add(new Call(call, 0, false).signs(Hashes.mix(7, call)));
    }

    assertThat(like.nearRepeats(64)).isEqualTo(12);
    assertThat(like.points()).isEqualTo(11);
    assertThat(unlike.nearRepeats(64)).isEqualTo(1);
    assertThat(unlike.points()).isZero();
  }

  private static int turns(List<Call> calls) {
    int turning = 2;
    int at = calls.size() - 1;
    while (at - 2 >= 0
        && calls.get(at).arguments == calls.get(at - 2).arguments
        && calls.get(at).arguments != calls.get(at - 1).arguments) {
      turning++;
      at--;
    }
    return turning == 2 ? 0 : turning / 2;
  }

  /** The most equal blocks that the calls end in, for any period up to 8. */
  private static int nearRepeats(List<Call> calls) {
    int best = 1;
    for (int period = 1; period <= 8; period++) {
      int blocks = 1;
      while (endsAlike(calls, period, blocks + 1)) {
        blocks++;
      }
      best = Math.max(best, blocks);
    }
    return best;
  }

  private static boolean endsAlike(List<Call> calls, int period, int blocks) {
    int from = calls.size() - period * blocks;
    if (from < 0) {
      return false;
    }
    for (int i = from + period; i < calls.size(); i++) {
      Call one = calls.get(i);
      Call other = calls.get(i - period);
      if (one.arguments != other.arguments && !one.sameResult(other)) {
        return false;
      }
    }
    return true;
  }

  private static List<Call> newest(List<Call> calls, int most) {
    return calls.subList(Math.max(0, calls.size() - most), calls.size());
  }

  private static byte[] bytes(CallWindow window) {
    BinaryOut out = new BinaryOut(16);
    window.write(out);
    return out.toBytes();
  }

  @Provide
  Arbitrary<List<Call>> calls() {
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 3);
    Arbitrary<Integer> many = Arbitraries.integers().between(0, 500);
    Arbitrary<Call> call =
        Combinators.combine(
                Arbitraries.oneOf(few, few, many),
                Arbitraries.oneOf(few, few, many),
                Arbitraries.integers().between(0, 9))
            .as((arguments, result, luck) -> new Call(arguments, result, luck == 0));
    return call.list().ofMaxSize(150);
  }
}
