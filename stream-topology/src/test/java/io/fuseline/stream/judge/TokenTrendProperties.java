package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TokenTrendProperties {

  @Property
  void shouldCountTheCallsInARowThatReadMoreAndSayLess(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 6) Integer> inputs,
      @ForAll @Size(min = 40, max = 40) List<@IntRange(min = 1, max = 6) Integer> outputs) {
    TokenTrend trend = new TokenTrend();
    for (int i = 0; i < inputs.size(); i++) {
      trend.add(call(inputs.get(i), outputs.get(i), 0));
      int from = i;
      while (from > 0
          && inputs.get(from) > inputs.get(from - 1)
          && outputs.get(from) < outputs.get(from - 1)) {
        from--;
      }
      assertThat(trend.acceleratingCalls()).isEqualTo(from == i ? 0 : i - from + 1);
    }
  }

  @Property
  void shouldKnowTheShareOfReasoningWhenItDoesNotChange(
      @ForAll @IntRange(min = 0, max = 100) int percent,
      @ForAll @IntRange(min = 1, max = 60) int calls) {
    TokenTrend trend = new TokenTrend();
    for (int i = 0; i < calls; i++) {
      trend.add(call(10, 10_000, 100L * percent));
      trend = throughBytes(trend);
    }

    assertThat(trend.reasoningShare(10_000)).isCloseTo(percent * 10_000L, within(100L));
  }

  @Example
  void shouldSayNothingUnderTheFloor() {
    TokenTrend trend = new TokenTrend();
    trend.add(call(10, 999, 999));
    assertThat(trend.reasoningShare(1_000)).isZero();

    trend.add(call(10, 999, 999));
    assertThat(trend.reasoningShare(1_000)).isEqualTo(100_0000);
  }

  private static SpanSigns call(long input, long output, long reasoning) {
    return new SpanSigns(false, 0, 0, 0, null, input, output, reasoning, 0, null);
  }

  private static TokenTrend throughBytes(TokenTrend trend) {
    BinaryOut out = new BinaryOut(16);
    trend.write(out);
    assertThat(out.toBytes().length).isLessThanOrEqualTo(TokenTrend.MAX_BYTES);
    return TokenTrend.read(new BinaryIn(out.toBytes()));
  }
}
