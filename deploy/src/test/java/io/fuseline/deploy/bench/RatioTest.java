package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RatioTest {
  @Test
  void shouldCompareWithinEachRoundWhenThereAreSeveral() {
    List<Ratio> ratios =
        Ratio.of(
            List.of(
                List.of(Measurements.of(Rung.L1, 100, 10), Measurements.of(Rung.L4, 200, 40)),
                List.of(Measurements.of(Rung.L1, 300, 20), Measurements.of(Rung.L4, 1_200, 40))));

    assertThat(ratios)
        .containsExactly(
            new Ratio(
                Rung.L4, Rung.L1, new Spread(0.375, 0.25, 0.5), new Spread(0.375, 0.25, 0.5)));
  }

  @Test
  void shouldLeaveOutPairsWhenOneOfThemWasNotMeasured() {
    assertThat(Ratio.of(List.of(List.of(Measurements.of(Rung.L4, 200, 40))))).isEmpty();
  }
}
