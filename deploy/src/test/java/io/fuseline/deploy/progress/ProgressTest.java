package io.fuseline.deploy.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter text = new StringWriter();

  @Test
  void shouldTellRateAndTimeLeftWhenTheTotalIsKnown() {
    String line =
        ProgressLine.running(
            "replay", "spans", 25_000, OptionalLong.of(100_000), Duration.ofSeconds(5));

    assertThat(line).isEqualTo("replay: 25,000 of 100,000 spans, 5,000/s, 15 s left");
  }

  @Test
  void shouldTellOnlyTheRateWhenTheTotalIsUnknown() {
    String line =
        ProgressLine.running("replay", "spans", 12, OptionalLong.empty(), Duration.ofSeconds(5));

    assertThat(line).isEqualTo("replay: 12 spans, 2.4/s");
  }

  @Test
  void shouldNotGuessTheTimeLeftBeforeAnythingIsDone() {
    String line =
        ProgressLine.running("replay", "spans", 0, OptionalLong.of(10), Duration.ofSeconds(5));

    assertThat(line).isEqualTo("replay: 0 of 10 spans, 0.0/s");
  }

  @Test
  void shouldTellLongTimesInMinutesAndHours() {
    assertThat(ProgressLine.finished("bench", "records", 36_000, Duration.ofHours(1)))
        .isEqualTo("bench: 36,000 records in 1 h 0 min, 10/s");
    assertThat(ProgressLine.finished("bench", "records", 600, Duration.ofSeconds(75)))
        .isEqualTo("bench: 600 records in 1 min 15 s, 8.0/s");
  }

  @Test
  void shouldWriteOneLineWhenTheWorkIsShort() {
    try (Progress progress =
        Progress.start("import", "prices", OptionalLong.of(3), new PrintWriter(text), false)) {
      progress.advance(3);
    }

    assertThat(text.toString()).matches("import: 3 prices in [0-9.]+ s, [0-9.,]+/s\\R");
  }

  @Test
  void shouldRewriteItsLineOnATerminal() {
    try (Progress progress =
        Progress.start("import", "prices", OptionalLong.of(3), new PrintWriter(text), true)) {
      progress.advance(3);
    }

    assertThat(text.toString()).startsWith("\r\u001b[Kimport: ").endsWith(System.lineSeparator());
  }
}
