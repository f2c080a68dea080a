package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OtherReadingTest {
  @Test
  void shouldBeTheSameWhenSentAsALine() {
    OtherReading reading = new OtherReading(1_000, 77, new Reading(1, 2, 3));

    assertThat(OtherReading.ofLine(reading.toLine())).contains(reading);
    assertThat(OtherReading.ofLine(new Reading(1, 2, 3).toLine())).isEmpty();
  }
}
