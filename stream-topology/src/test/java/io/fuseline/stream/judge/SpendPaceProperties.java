package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SpendPaceProperties {
  private static final long CENT = SpanDraft.pico("0.01");
  private static final long MINUTE = Times.MICROS_PER_MINUTE;

  @Property
  void shouldAddUpTheNewestMinutesLikeAMapWould(
      @ForAll @Size(max = 80) List<@IntRange(min = -3, max = 14) Integer> steps,
      @ForAll @IntRange(min = 1, max = 10) int window) {
    SpendPace pace = new SpendPace();
    Map<Long, Long> oracle = new TreeMap<>();
    long minute = 1_000;
    long newest = 0;
    for (int step : steps) {
      minute += step;
      newest = Math.max(newest, minute);
      pace.add(minute * MINUTE, CENT, false);
      if (minute > newest - SpendPace.MINUTES) {
        oracle.merge(minute, CENT, Long::sum);
      }
      long expected = 0;
      for (long m = newest - window + 1; m <= newest; m++) {
        expected += oracle.getOrDefault(m, 0L);
      }
      assertThat(pace.spentIn(window)).isEqualTo(expected);
    }
  }

  @Property(tries = 50)
  void shouldLearnAConstantPaceWhateverTheIdleTimeInBetween(
      @ForAll @IntRange(min = 1, max = 500) int cents, @ForAll long seed) {
    SpendPace pace = new SpendPace();
    Random random = new Random(seed);
    long minute = 0;
    for (int active = 0; active < 200; active++) {
      minute += random.nextInt(4) == 0 ? 1 + random.nextInt(600) : 1;
      pace.add(minute * MINUTE, cents * CENT, false);
    }

    assertThat(pace.isKnown()).isTrue();
    assertThat((double) pace.usual(5))
        .isCloseTo(5.0 * cents * CENT, within(0.01 * cents * CENT * 5));
    assertThat(pace.deviation()).isEqualTo(SpendPace.LEAST_DEVIATION);
    assertThat(pace.drift()).isZero();
  }

  @Property(tries = 50)
  void shouldBeTheSameWhenStoredInBetween(@ForAll long seed) {
    SpendPace kept = new SpendPace();
    SpendPace stored = new SpendPace();
    Random random = new Random(seed);
    long minute = 0;
    for (int call = 0; call < 500; call++) {
      minute += random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(2);
      long pico = (random.nextInt(100) - 5) * CENT;
      kept.add(minute * MINUTE, pico, false);
      stored.add(minute * MINUTE, pico, false);
      stored = SpendPace.read(new BinaryIn(bytes(stored)));
    }

    assertThat(bytes(stored)).isEqualTo(bytes(kept));
  }

  @Example
  void shouldNotTeachARunawayItsOwnPaceSoon() {
    SpendPace pace = steady(200);
    long before = pace.usual(5);
    for (int minute = 200; minute < 260; minute++) {
      pace.add(minute * MINUTE, 1_000 * CENT, false);
    }

    assertThat(pace.usual(5)).isLessThan(before * 3 / 2);
  }

  @Example
  void shouldKnowABusyHourOfTheWeekAfterTwoWeeks() {
    SpendPace pace = new SpendPace();
    for (int day = 0; day < 28; day++) {
      for (int hour = 8; hour < 18; hour++) {
        for (int minute = 0; minute < 60; minute++) {
          pace.add(
              (day * 1_440L + hour * 60 + minute) * MINUTE, hour == 12 ? 8 * CENT : CENT, false);
        }
      }
    }
    long quiet = pace.usual(5);
    pace.add((28 * 1_440L + 12 * 60 + 30) * MINUTE, CENT, false);

    assertThat(pace.usual(5)).isGreaterThan(3 * quiet);
    assertThat(bytes(pace).length).isLessThan(600);
  }

  private static SpendPace steady(int minutes) {
    SpendPace pace = new SpendPace();
    for (int minute = 0; minute < minutes; minute++) {
      pace.add(minute * MINUTE, CENT, false);
    }
    return pace;
  }

  private static byte[] bytes(SpendPace pace) {
    BinaryOut out = new BinaryOut(16);
    pace.write(out);
    return out.toBytes();
  }
}
