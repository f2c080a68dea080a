package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.alerting.Records;
import io.fuseline.alerting.sink.Outcome.Result;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Severity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Waits are written down instead of slept. */
class DispatcherTest {
  private static final Event EVENT = Events.alert(EpisodeState.OPEN);
  private static final Answer OK = Answer.delivered("HTTP 200");
  private static final Answer DOWN = Answer.failed("HTTP 503");
  private static final Answer NO = Answer.refused("HTTP 404");

  private final TestClock clock = new TestClock();
  private final Tally tally = new Tally();
  private final List<Duration> waits = new ArrayList<>();
  private final List<Integer> attempts = new ArrayList<>();
  private final List<Alert> alerts = new ArrayList<>();

  @Test
  void shouldWaitOneTwoFourEightAndSixteenSecondsByDefault() throws Exception {
    var outcome = dispatcher(n -> DOWN).deliver(EVENT);

    assertThat(outcome.result()).isEqualTo(Result.GIVEN_UP);
    assertThat(outcome.attempts()).isEqualTo(6);
    assertThat(outcome.detail()).isEqualTo("failed 6 times, at last: HTTP 503");
    assertThat(waits).hasSize(5);
    for (int i = 0; i < 5; i++) {
      var least = Duration.ofSeconds(1L << i);
      assertThat(waits.get(i)).isBetween(least, least.plus(least.dividedBy(10)).plusNanos(1));
    }
    assertThat(attempts).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(tally.retried()).isEqualTo(5);
    assertThat(tally.failed()).isEqualTo(1);
  }

  @Test
  void shouldDeliverWhenAnAttemptSucceeds() throws Exception {
    var outcome = dispatcher(n -> n < 3 ? DOWN : OK).deliver(EVENT);

    assertThat(outcome)
        .isEqualTo(new Outcome(Result.DELIVERED, 3, Records.NOON, Records.NOON, "HTTP 200"));
    assertThat(tally.delivered()).isEqualTo(1);
  }

  @Test
  void shouldWaitAsLongAsAskedUpToTwoMinutes() throws Exception {
    var asked = List.of(Duration.ofSeconds(30), Duration.ofHours(5), Duration.ofMillis(1));

    dispatcher(n -> n > 3 ? OK : new Answer(false, true, false, asked.get(n - 1), "HTTP 429"))
        .deliver(EVENT);

    assertThat(waits.subList(0, 2)).containsExactly(Duration.ofSeconds(30), Duration.ofMinutes(2));
    assertThat(waits.get(2)).isBetween(Duration.ofSeconds(4), Duration.ofMillis(4401));
  }

  @Test
  void shouldNotTryAgainWhenTheAnswerIsFinal() throws Exception {
    var outcome = dispatcher(n -> NO).deliver(EVENT);

    assertThat(outcome.attempts()).isEqualTo(1);
    assertThat(outcome.detail()).isEqualTo("refused: HTTP 404");
    assertThat(waits).isEmpty();
  }

  @Test
  void shouldBeDisabledAfterTenFailuresInARowAndTellTheOthers() throws Exception {
    var dispatcher = dispatcher(n -> NO);
    for (int i = 0; i < 9; i++) {
      dispatcher.deliver(EVENT);
    }
    assertThat(tally.disabled()).isFalse();
    assertThat(alerts).isEmpty();

    dispatcher.deliver(EVENT);

    assertThat(tally.disabled()).isTrue();
    assertThat(alerts)
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getSeverity()).isEqualTo(Severity.CRITICAL);
              assertThat(alert.getState()).isEqualTo(EpisodeState.OPEN);
              assertThat(alert.getEvidence().getSummary())
                  .contains("hook", "10 failures in a row", "HTTP 404");
              assertThat(OwnAlerts.isOwn(Event.of(alert))).isTrue();
            });
    var skipped = dispatcher.deliver(EVENT);
    assertThat(skipped.result()).isEqualTo(Result.SKIPPED);
    assertThat(skipped.attempts()).isZero();
    assertThat(skipped.detail()).isEqualTo("hook is disabled since " + Records.NOON);
    assertThat(attempts).as("a disabled destination is not called").hasSize(10);
  }

  @Test
  void shouldNotBeDisabledWhenASuccessComesBetween() throws Exception {
    var dispatcher = dispatcher(n -> n % 10 == 0 ? OK : NO);

    for (int i = 0; i < 95; i++) {
      dispatcher.deliver(EVENT);
    }

    assertThat(tally.disabled()).isFalse();
  }

  @Test
  void shouldNotBeBlamedForEventsThatLackWhatItNeeds() throws Exception {
    var dispatcher = dispatcher(n -> Answer.unfit("no agent"));

    for (int i = 0; i < 30; i++) {
      assertThat(dispatcher.deliver(EVENT).result()).isEqualTo(Result.GIVEN_UP);
    }

    assertThat(tally.disabled()).isFalse();
  }

  @Test
  void shouldBeTriedOnceAMinuteAndEnabledWhenItWorksAgain() throws Exception {
    var works = new boolean[1];
    var dispatcher = dispatcher(n -> works[0] ? OK : DOWN);
    for (int i = 0; i < 10; i++) {
      dispatcher.deliver(EVENT);
    }
    var before = attempts.size();
    clock.now = clock.now.plus(Breaker.REST);

    assertThat(dispatcher.deliver(EVENT).result()).isEqualTo(Result.GIVEN_UP);
    assertThat(dispatcher.deliver(EVENT).result()).isEqualTo(Result.SKIPPED);
    assertThat(attempts).as("one attempt, no repetitions").hasSize(before + 1);

    works[0] = true;
    clock.now = clock.now.plus(Breaker.REST);
    assertThat(dispatcher.deliver(EVENT).result()).isEqualTo(Result.DELIVERED);
    assertThat(dispatcher.deliver(EVENT).result()).isEqualTo(Result.DELIVERED);

    assertThat(tally.disabled()).isFalse();
    assertThat(alerts)
        .extracting(Alert::getState)
        .containsExactly(EpisodeState.OPEN, EpisodeState.CLOSED);
    assertThat(alerts)
        .extracting(Alert::getEpisodeId)
        .as("one episode")
        .containsOnly(alerts.get(0).getEpisodeId());
  }

  private Dispatcher dispatcher(IntFunction<Answer> answers) {
    SinkTarget target =
        (event, attempt) -> {
          attempts.add(attempt);
          return answers.apply(attempts.size());
        };
    return new Dispatcher(
        new Destination("hook", new LogSettings(), RetryPolicy.DEFAULT, Destination.LATEST),
        target,
        new Breaker(Breaker.FAILURES, Breaker.REST, clock),
        tally,
        new OwnAlerts(alerts::add, clock),
        clock,
        new Random(42),
        waits::add);
  }

  /** Stands still until a test moves it. */
  private static final class TestClock extends Clock {
    private Instant now = Records.NOON;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
