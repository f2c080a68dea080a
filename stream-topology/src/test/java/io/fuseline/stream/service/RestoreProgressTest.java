package io.fuseline.stream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.stream.metrics.FuselineMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestoreProgressTest {
  private static final TopicPartition RUNS = new TopicPartition("fuseline-runs-changelog", 0);
  private static final TopicPartition SPANS = new TopicPartition("fuseline-spans-changelog", 3);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> said = new ArrayList<>();
  private long nanos = 7;
  private final RestoreProgress progress =
      new RestoreProgress(new FuselineMetrics(meters, "USD"), () -> nanos, said::add);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private double remaining() {
    return meters.get("fuseline.restore.remaining").gauge().value();
  }

  @Test
  void shouldTellHowFarItIsAndHowLongItTakesWhenStateIsRestored() {
    progress.onRestoreStart(RUNS, "runs", 1_000, 2_000);
    progress.onRestoreStart(SPANS, "spans", 0, 9_000);
    pass(Duration.ofSeconds(4));
    // 400 records, but transaction markers and what compaction removed are passed, too.
    progress.onBatchRestored(RUNS, "runs", 1_999, 400);
    progress.onBatchRestored(SPANS, "spans", 2_999, 3_000);

    assertThat(progress.details().orElseThrow())
        .containsEntry("entries", 10_000L)
        .containsEntry("restored", 4_000L)
        .containsEntry("percent", 40L)
        .containsEntry("entriesPerSecond", 1_000L)
        .containsEntry("secondsLeft", 6L)
        .containsEntry("mostLeftIn", "spans");
    assertThat(remaining()).isEqualTo(6_000);
    assertThat(meters.get("fuseline.restored").counter().count()).isEqualTo(3_400);
  }

  @Test
  void shouldSayItAtTheBeginningEveryFewSecondsAndAtTheEndWhenBatchesAreMany() {
    progress.onRestoreStart(SPANS, "spans", 0, 10_000);
    for (int batch = 1; batch <= 100; batch++) {
      pass(Duration.ofMillis(70));
      progress.onBatchRestored(SPANS, "spans", batch * 100 - 1, 100);
    }
    progress.onRestoreEnd(SPANS, "spans", 10_000);
    progress.done();

    assertThat(said)
        .containsExactly(
            "Restoring state: 0 of 10,000 entries (0 %), 0 of 1 changelog partitions done, 0 entries/s, just begun; most are left in spans",
            "Restoring state: 4,300 of 10,000 entries (43 %), 0 of 1 changelog partitions done, 1,428 entries/s, about 4 s left; most are left in spans",
            "Restoring state: 8,600 of 10,000 entries (86 %), 0 of 1 changelog partitions done, 1,428 entries/s, about 1 s left; most are left in spans",
            "State is restored: 10,000 entries of 1 changelog partitions in 7.0 s");
    assertThat(progress.details()).isEmpty();
    assertThat(remaining()).isZero();
  }

  @Test
  void shouldSayItOnceWhenPartitionsAreSoonDoneOneAfterTheOther() {
    for (int partition = 0; partition < 20; partition++) {
      TopicPartition runs = new TopicPartition(RUNS.topic(), partition);
      progress.onRestoreStart(runs, "runs", 0, 50);
      pass(Duration.ofMillis(100));
      progress.onBatchRestored(runs, "runs", 49, 50);
      progress.onRestoreEnd(runs, "runs", 50);
    }
    progress.done();

    assertThat(said)
        .hasSize(2)
        .endsWith("State is restored: 1,000 entries of 20 changelog partitions in 2.0 s");
  }

  @Test
  void shouldTellWhereItStandsStillWhenNothingCanBeReadForLong() {
    progress.onRestoreStart(SPANS, "spans", 0, 9_000);
    progress.onBatchRestored(SPANS, "spans", 3_999, 4_000);
    pass(Duration.ofSeconds(29));
    assertThat(progress.details().orElseThrow()).doesNotContainKey("standsStillForSeconds");
    pass(Duration.ofSeconds(2));

    assertThat(progress.details().orElseThrow())
        .containsEntry("standsStillForSeconds", 31L)
        .containsEntry("standsStillAt", "fuseline-spans-changelog-3 offset 4000");

    progress.onBatchRestored(SPANS, "spans", 8_999, 5_000);
    pass(Duration.ofMinutes(1));
    assertThat(progress.details().orElseThrow())
        .as("all is read; what is waited for is something else")
        .doesNotContainKey("standsStillForSeconds");
  }

  @Test
  void shouldSayNothingWhenThereIsNothingToRestore() {
    progress.onRestoreStart(RUNS, "runs", 500, 500);
    progress.onRestoreEnd(RUNS, "runs", 0);
    progress.done();

    assertThat(said).isEmpty();
    assertThat(progress.details()).isEmpty();
  }

  @Test
  void shouldForgetPartitionWhenItGoesToAnotherInstance() {
    progress.onRestoreStart(RUNS, "runs", 0, 100);
    progress.onRestoreStart(SPANS, "spans", 0, 9_000);
    progress.onRestoreSuspended(SPANS, "spans", 10);

    assertThat(remaining()).isEqualTo(100);
    assertThat(progress.details().orElseThrow()).containsEntry("entries", 100L);
  }
}
