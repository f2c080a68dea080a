package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyTest {
  private static final Quantiles NONE = new Quantiles(0, 0, 0, 0, 0);

  private static Latency latency(double sentRate, Quantiles command) {
    return new Latency(
        new Latency.Delivery(true, 500), 100, sentRate, command, NONE, NONE, NONE, NONE);
  }

  @Test
  void shouldBeSustainedWhenAllCommandsCameSoon() {
    assertThat(latency(100, new Quantiles(50, 0, 5, 900, 4_000)).isSustained()).isTrue();
  }

  @Test
  void shouldNotBeSustainedWhenCommandsAreMissingOrLateOrTheSenderFellBehind() {
    assertThat(latency(100, new Quantiles(50, 1, 5, 900, 900)).isSustained()).isFalse();
    assertThat(latency(100, new Quantiles(50, 0, 5, 1_001, 1_001)).isSustained()).isFalse();
    assertThat(latency(96, new Quantiles(50, 0, 5, 9, 9)).isSustained()).isFalse();
    assertThat(latency(100, NONE).isSustained()).isFalse();
  }
}
