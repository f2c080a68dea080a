package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchSettingsTest {
  private static BenchSettings settings(int spans, int runs, Rung rung) {
    return new BenchSettings(
        spans,
        new WorkloadShape(runs, 10, 0),
        1,
        Set.of(rung),
        LatencySettings.NONE,
        Map.of(),
        Optional.empty(),
        ScaleSettings.NONE,
        Optional.empty(),
        BenchSettings.JVM_OPTIONS,
        false);
  }

  @Test
  void shouldBeginEachRunInTheWarmUpWhenThereAreManyRuns() {
    assertThat(settings(4_000, 500, Rung.L4).warmUp()).isEqualTo(1_000);
    assertThat(settings(4_000, 3_000, Rung.L4).warmUp()).isEqualTo(3_000);
  }

  @Test
  void shouldRefuseWhenRunsLeaveNothingToMeasure() {
    assertThatThrownBy(() -> settings(4_000, 3_001, Rung.L4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("spans is 4000 and runs is 3001");
  }

  @Test
  void shouldRefuseOtherProgramsWhenTheirClassPathIsMissing() {
    assertThatThrownBy(() -> settings(4_000, 500, Rung.FLINK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scripts/bench --against");
  }
}
