package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadingTest {
  @Test
  void shouldComeBackFromItsLineWhenWritten() {
    Reading reading = new Reading(1, 2, 3);

    assertThat(Reading.ofLine(reading.toLine())).contains(reading);
  }

  @Test
  void shouldBeEmptyWhenLineIsSomethingElse() {
    assertThat(Reading.ofLine(RungApplication.READY)).isEmpty();
  }

  @Test
  void shouldGrowWhenWorkIsDone() {
    Reading before = Reading.now();
    byte[][] work = new byte[100][];
    for (int i = 0; i < work.length; i++) {
      work[i] = new byte[10_000];
    }

    Reading used = Reading.now().since(before);

    assertThat(used.wallNanos()).isPositive();
    assertThat(used.allocatedBytes()).isGreaterThanOrEqualTo(1_000_000);
    assertThat(work[99]).hasSize(10_000);
  }
}
