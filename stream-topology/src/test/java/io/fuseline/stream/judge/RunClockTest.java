package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.stream.judge.RunClock.Look;
import io.fuseline.stream.policy.PolicySet;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunClockTest {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String NO_MATTER =
      "{id: a, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}";

  private final RunUnderTest run = new RunUnderTest(NO_MATTER);
  private final RunClock clock =
      new RunClock(new RunJudge("USD"), Duration.ofMinutes(30), Duration.ofDays(7));

  @Test
  void shouldSetTheAlarmOnceWhileTheRunIsAtWork() {
    run.see(llmSpan());

    assertThat(clock.wind(run.state, TEN_O_CLOCK)).isTrue();
    assertThat(clock.wind(run.state, TEN_O_CLOCK + MINUTE)).isFalse();
    assertThat(run.state.deadlineMicros()).isEqualTo(TEN_O_CLOCK + 30 * MINUTE);
  }

  @Test
  void shouldLookLaterThenFindTheRunSilentThenForgetIt() {
    run.see(llmSpan());
    clock.wind(run.state, TEN_O_CLOCK);
    run.see(llmSpan().minute(20));

    assertThat(look(30)).isEqualTo(Look.LATER);
    assertThat(look(50)).isEqualTo(Look.SILENT);
    assertThat(run.state.idle()).isTrue();
    assertThat(look(20 + 7 * 24 * 60 - 1)).isEqualTo(Look.VOID);
    assertThat(look(20 + 7 * 24 * 60)).isEqualTo(Look.FORGET);
  }

  @Test
  void shouldWindAgainWhenASilentRunWakes() {
    run.see(llmSpan());
    clock.wind(run.state, TEN_O_CLOCK);
    look(30);

    run.see(llmSpan().minute(60));

    assertThat(clock.wind(run.state, TEN_O_CLOCK + 60 * MINUTE)).isTrue();
    assertThat(look(90)).isEqualTo(Look.SILENT);
  }

  private Look look(long minute) {
    long now = TEN_O_CLOCK + minute * MINUTE;
    return clock.look(run.state, "run-1", now, PolicySet.none(), now, new Verdicts());
  }
}
