package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Percentage;

class BaselineProperties {

  @Property
  void shouldConvergeOnASteadyRate(
      @ForAll @IntRange(min = 1, max = 2000) int before,
      @ForAll @IntRange(min = 1, max = 2000) int now) {
    Baseline baseline = learned(new Baseline(), 16, before);

    learned(baseline, 250, now);

    assertThat(baseline.milli).isCloseTo(now * 1000L, Percentage.withPercentage(5));
  }

  @Property
  void shouldNotLearnARunawayRateQuickly(
      @ForAll @IntRange(min = 1, max = 200) int usual,
      @ForAll @IntRange(min = 10, max = 100_000) int runaway) {
    Baseline baseline = learned(new Baseline(), 16, usual);
    long before = baseline.milli;

    learned(baseline, 5, runaway * usual);

    assertThat(baseline.milli).isLessThan(2 * before);
  }

  @Property
  void shouldStayWithinWhatItSaw(@ForAll @IntRange(min = 1, max = 1000) int calls) {
    Baseline baseline = learned(new Baseline(), 40, calls);

    assertThat(baseline.milli).isEqualTo(calls * 1000L);
  }

  @Example
  void shouldPublishOnlyWhenMatureAndMovedByATenth() {
    Baseline baseline = learned(new Baseline(), Baseline.MATURE - 1, 10);
    assertThat(baseline.worthPublishing()).isFalse();

    baseline.learn(10);
    assertThat(baseline.worthPublishing()).isTrue();
    baseline.publishedMilli = baseline.milli;
    assertThat(baseline.worthPublishing()).isFalse();

    baseline.learn(20);
    assertThat(baseline.milli).isEqualTo(10_625);
    assertThat(baseline.worthPublishing()).isFalse();
    baseline.learn(20);
    assertThat(baseline.milli).isEqualTo(11_210);
    assertThat(baseline.worthPublishing()).isTrue();
  }

  private static Baseline learned(Baseline baseline, int samples, int calls) {
    for (int i = 0; i < samples; i++) {
      baseline.learn(calls);
    }
    return baseline;
  }
}
