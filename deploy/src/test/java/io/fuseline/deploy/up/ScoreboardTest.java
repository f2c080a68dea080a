package io.fuseline.deploy.up;

import static io.fuseline.deploy.up.Records.ack;
import static io.fuseline.deploy.up.Records.at;
import static io.fuseline.deploy.up.Records.command;
import static io.fuseline.deploy.up.Records.span;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
  private final Scoreboard board = new Scoreboard();

  @Test
  void shouldBookWhatEndedAfterTheBreachWhicheverIsReadFirst() {
    board.onSpan(span("run-1", "a", at(900), "0.5"), at(2_000));
    board.onSpan(span("run-1", "a", at(1_000), "0.1"), at(2_000));
    board.onSpan(span("run-1", "a", at(1_200), "0.02"), at(2_000));
    board.onCommand(command("c1", Action.KILL, TargetType.RUN, "run-1", at(1_000)), at(2_001));
    board.onSpan(span("run-1", "a", at(1_400), "0.003"), at(2_500));
    board.onSpan(span("run-2", "a", at(1_500), "7"), at(2_500));

    Sighting seen = board.view(at(3_000)).commands().get(0);

    assertThat(seen.spentAfter()).isEqualByComparingTo("0.023");
    assertThat(seen.spansAfter()).isEqualTo(2);
    assertThat(seen.breachToLastSpan()).contains(Duration.ofMillis(400));
    assertThat(seen.spanToCommand()).isEqualTo(Duration.ofMillis(1_001));
  }

  @Test
  void shouldBookAllRunsOfAnAgentWhenTheAgentIsStopped() {
    board.onCommand(command("c1", Action.KILL, TargetType.AGENT, "a", at(1_000)), at(1_010));
    board.onSpan(span("run-1", "a", at(1_100), "1"), at(1_600));
    board.onSpan(span("run-2", "a", at(1_200), "2"), at(1_600));
    board.onSpan(span("run-3", "b", at(1_300), "4"), at(1_600));

    assertThat(board.view(at(2_000)).spentAfterBreach()).isEqualByComparingTo("3");
  }

  @Test
  void shouldCountACommandOnceWhenItIsReadTwice() {
    board.onCommand(command("c1", Action.KILL, TargetType.RUN, "run-1", at(1_000)), at(1_010));
    board.onCommand(command("c1", Action.KILL, TargetType.RUN, "run-1", at(1_000)), at(1_500));

    assertThat(board.view(at(2_000)).commands())
        .singleElement()
        .satisfies(
            seen -> {
              assertThat(seen.times()).isEqualTo(2);
              assertThat(seen.readAt()).isEqualTo(at(1_010));
            });
  }

  @Test
  void shouldKnowTheLastAnswerAlsoWhenOneIsReadBeforeItsCommand() {
    board.onAck(ack("c1", at(1_300)));
    board.onCommand(command("c1", Action.KILL, TargetType.RUN, "run-1", at(1_000)), at(1_010));
    board.onAck(ack("c1", at(1_200)));

    assertThat(board.view(at(2_000)).commands().get(0).breachToAck())
        .contains(Duration.ofMillis(300));
  }

  @Test
  void shouldCountMoneyAfterTheBreachOncePerTargetAndOnlyOfStops() {
    board.onCommand(command("c1", Action.THROTTLE, TargetType.RUN, "run-1", at(500)), at(510));
    board.onCommand(command("c2", Action.PAUSE, TargetType.RUN, "run-1", at(1_000)), at(1_010));
    board.onCommand(command("c3", Action.KILL, TargetType.RUN, "run-1", at(1_500)), at(1_510));
    board.onSpan(span("run-1", "a", at(1_600), "2"), at(2_000));

    assertThat(board.view(at(2_000)).spentAfterBreach()).isEqualByComparingTo("2");
  }

  @Test
  void shouldTellTheRateOfTheLastSeconds() {
    for (int i = 0; i < 100; i++) {
      board.onSpan(span("run-1", "a", at(i * 100), "0.1"), at(i * 100));
    }

    assertThat(board.view(at(10_000)).spansPerSecond()).isBetween(9.5, 10.5);
    assertThat(board.view(at(60_000)).spansPerSecond()).isZero();
    assertThat(board.view(at(60_000)).cost()).isEqualByComparingTo(new BigDecimal("10"));
  }

  @Test
  void shouldNotCountASnapshot() {
    PricedSpan snapshot = span("run-1", "a", at(1), "5");
    snapshot.setProvisional(true);

    board.onSpan(snapshot, at(2));

    assertThat(board.view(at(3)).spans()).isZero();
  }
}
