package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class OctavesProperties {

  @Property
  void shouldBeTheLogarithmToAThousandth(@ForAll @LongRange(min = 1) long value) {
    assertThat(Octaves.log2(value) / 1024.0)
        .isCloseTo(Math.log(value) / Math.log(2), within(0.0011));
  }

  @Property
  void shouldComeBackToAThousandth(@ForAll @LongRange(min = 1_000_000, max = 1L << 61) long value) {
    long back = Octaves.exp2(Octaves.log2(value));

    assertThat((double) back).isCloseTo(value, within(value * 0.0012));
  }

  @Property
  void shouldNotFallWhenTheValueRises(
      @ForAll @LongRange(min = 0) long one, @ForAll @LongRange(min = 0) long other) {
    assertThat(Octaves.log2(Math.min(one, other)))
        .isLessThanOrEqualTo(Octaves.log2(Math.max(one, other)));
  }

  @Property
  void shouldBeTheLargestWholeRoot(@ForAll @LongRange(min = 0, max = 1L << 61) long value) {
    long root = Octaves.isqrt(value);

    assertThat(root * root).isLessThanOrEqualTo(value);
    assertThat((root + 1) * (root + 1)).isGreaterThan(value);
  }

  @Property
  void shouldNotOverflow(@ForAll @IntRange(min = -5_000, max = 1 << 20) int log) {
    assertThat(Octaves.exp2(log)).isPositive();
  }
}
