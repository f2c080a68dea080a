package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

class RepricingTurnsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private long nanos;
  private final RepricingTurns turns = new RepricingTurns(() -> nanos);

  @Test
  void shouldGiveAFifthOfTheTimeAtMostHoweverManyTasksAsk() {
    Map<TaskId, Long> used = play(6);

    long sum = used.values().stream().mapToLong(Long::longValue).sum();
    assertThat(sum).isBetween(SECOND.toNanos() / 6, SECOND.toNanos() / 5);
  }

  @Test
  void shouldGiveEachTaskItsTurn() {
    assertThat(play(5)).hasSize(5);
  }

  @Test
  void shouldEndASliceWhenItsTimeIsUp() {
    RepricingTurns.Slice slice = turns.ask(task(0));
    assertThat(slice.goesOn()).isTrue();

    nanos += Duration.ofMillis(20).toNanos();

    assertThat(slice.goesOn()).isFalse();
  }

  @Test
  void shouldNotWaitForATaskThatHasLeft() {
    turns.ask(task(0)).end();
    turns.ask(task(1));
    turns.leave(task(0));
    turns.leave(task(1));
    nanos += SECOND.toNanos();

    assertThat(turns.ask(task(2))).isNotNull();
  }

  /** For a second, all tasks ask every 20 ms, each spends its whole slice, a millisecond a step. */
  private Map<TaskId, Long> play(int tasks) {
    Map<TaskId, Long> used = new HashMap<>();
    while (nanos < SECOND.toNanos()) {
      for (int i = 0; i < tasks; i++) {
        RepricingTurns.Slice slice = turns.ask(task(i));
        if (slice != null) {
          long begin = nanos;
          while (slice.goesOn()) {
            nanos += Duration.ofMillis(1).toNanos();
          }
          slice.end();
          used.merge(task(i), nanos - begin, Long::sum);
        }
      }
      nanos += Duration.ofMillis(20).toNanos();
    }
    return used;
  }

  private static TaskId task(int partition) {
    return new TaskId(0, partition);
  }
}
