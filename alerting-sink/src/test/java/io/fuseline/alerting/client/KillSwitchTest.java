package io.fuseline.alerting.client;

import static io.fuseline.alerting.Records.kill;
import static io.fuseline.alerting.Records.maxTokens;
import static io.fuseline.alerting.Records.pause;
import static io.fuseline.alerting.Records.restore;
import static io.fuseline.alerting.Records.throttle;
import static io.fuseline.schemas.TargetType.AGENT;
import static io.fuseline.schemas.TargetType.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fuseline.alerting.Records;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Everything but Kafka: commands are handed over as the feed would. */
class KillSwitchTest {
  private static final StopHandler STOPS = command -> Ack.stopped();

  private final List<CommandAck> acks = new CopyOnWriteArrayList<>();
  private final KillSwitch killSwitch = newKillSwitch(Duration.ofHours(1));

  @AfterEach
  void close() {
    killSwitch.close();
  }

  @Test
  void shouldAcknowledgeWhatTheHandlerAnswers() {
    killSwitch.watchRun("r1", "a1", c -> Ack.stopped(new BigDecimal("12.3456789012345"), "EUR"));

    killSwitch.receive(kill(RUN, "r1", 7));

    var ack = awaitAcks(1).get(0);
    assertThat(ack.getCommandId()).isEqualTo("KILL-r1-7");
    assertThat(ack.getResult()).isEqualTo(AckResult.STOPPED);
    assertThat(ack.getTenantId()).isEqualTo("acme");
    assertThat(ack.getTargetType()).isEqualTo(RUN);
    assertThat(ack.getTarget()).isEqualTo("r1");
    assertThat(ack.getEpoch()).isEqualTo(7);
    assertThat(ack.getRuntime()).isEqualTo("test-runtime");
    assertThat(ack.getRootRunIds()).containsExactly("r1");
    assertThat(ack.getSpendAtStop()).isEqualTo("12.345678901234");
    assertThat(ack.getCurrency()).isEqualTo("EUR");
    assertThat(ack.getAckedAt()).isEqualTo(Records.NOON);
  }

  @Test
  void shouldAnswerAgainWithoutCallingTheHandlerWhenACommandComesTwice() {
    var calls = new CopyOnWriteArrayList<Command>();
    killSwitch.watchRun("r1", "a1", recordingIn(calls));

    killSwitch.receive(kill(RUN, "r1", 1));
    var first = awaitAcks(1).get(0);
    killSwitch.receive(kill(RUN, "r1", 1));

    assertThat(awaitAcks(2).get(1)).isEqualTo(first);
    assertThat(calls).hasSize(1);
    assertThat(killSwitch.counts()).isEqualTo(new KillSwitch.Counts(1, 1, 0));
  }

  @Test
  void shouldRefuseAndGoOnWhenAHandlerFails() {
    killSwitch.watchRun(
        "r1",
        "a1",
        command -> {
          throw new IOException("no such pod");
        });
    killSwitch.watchRun("r2", "a1", command -> null);
    killSwitch.watchRun("r3", "a1", STOPS);

    killSwitch.receive(kill(RUN, "r1", 1));
    killSwitch.receive(kill(RUN, "r1", 2));
    killSwitch.receive(kill(RUN, "r2", 1));
    killSwitch.receive(kill(RUN, "r3", 1));

    awaitAcks(4);
    assertThat(acksOf("r1"))
        .hasSize(2)
        .allSatisfy(
            ack -> {
              assertThat(ack.getResult()).isEqualTo(AckResult.REFUSED);
              assertThat(ack.getMessage()).contains("no such pod");
            });
    assertThat(acksOf("r2").get(0).getResult()).isEqualTo(AckResult.REFUSED);
    assertThat(acksOf("r3").get(0).getResult()).isEqualTo(AckResult.STOPPED);
  }

  @Test
  void shouldStopOneRunWhileTheHandlerOfAnotherIsSlow() {
    var release = new CountDownLatch(1);
    killSwitch.watchRun(
        "slow",
        "a1",
        command -> {
          release.await();
          return Ack.stopped();
        });
    killSwitch.watchRun("quick", "a1", STOPS);

    killSwitch.receive(kill(AGENT, "a1", 1));

    assertThat(awaitAcks(1).get(0).getRootRunIds()).containsExactly("quick");
    assertThat(killSwitch.isStopped("slow")).isTrue();
    release.countDown();
    awaitAcks(2);
  }

  @Test
  void shouldKeepTheOrderOfOneRunWhenManyCommandsArrive() {
    var epochs = new CopyOnWriteArrayList<Long>();
    killSwitch.watchRun("r1", "a1", recordingEpochsIn(epochs));

    for (long epoch = 1; epoch <= 200; epoch++) {
      killSwitch.receive(epoch % 2 == 0 ? kill(RUN, "r1", epoch) : restore(RUN, "r1", epoch, null));
    }

    awaitAcks(200);
    assertThat(epochs).hasSize(200).isSorted();
  }

  @Test
  void shouldRefuseWhenTooManyCommandsWaitForAHandlerThatHangs() {
    var release = new CountDownLatch(1);
    killSwitch.watchRun(
        "r1",
        "a1",
        command -> {
          release.await();
          return Ack.stopped();
        });

    for (long epoch = 1; epoch <= HandlerLanes.LANE_CAPACITY + 10; epoch++) {
      killSwitch.receive(kill(RUN, "r1", epoch));
    }

    await().until(() -> !acks.isEmpty());
    assertThat(acks.get(0).getResult()).isEqualTo(AckResult.REFUSED);
    assertThat(acks.get(0).getMessage()).contains("hangs");
    assertThat(killSwitch.isStopped("r1")).isTrue();
    release.countDown();
    awaitAcks(HandlerLanes.LANE_CAPACITY + 10);
  }

  @Test
  void shouldKillARunThatStartsAfterItsAgentWasKilled() {
    killSwitch.receive(kill(AGENT, "a1", 1));
    assertThat(acks).isEmpty();

    killSwitch.watchRun("late", "a1", STOPS);

    assertThat(awaitAcks(1).get(0).getRootRunIds()).containsExactly("late");
    assertThatThrownBy(() -> killSwitch.checkpoint("late"))
        .isInstanceOf(RunStopped.class)
        .hasMessageContaining("late")
        .hasMessageContaining("KILL-a1-1");
  }

  @Test
  void shouldCallTheAgentsHandlerWhenTheAgentIsKilled() {
    killSwitch.watchAgent("a1", STOPS);

    killSwitch.receive(kill(AGENT, "a1", 1));

    assertThat(awaitAcks(1).get(0).getRootRunIds()).isEmpty();
  }

  @Test
  void shouldAnswerUnknownTargetWhenTheRunEndedBeforeItsHandlerWasCalled() throws Exception {
    var called = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var subscription =
        killSwitch.watchRun(
            "r1",
            "a1",
            command -> {
              called.countDown();
              release.await();
              return Ack.stopped();
            });
    killSwitch.receive(kill(RUN, "r1", 1));
    killSwitch.receive(kill(RUN, "r1", 2));
    called.await();

    subscription.unwatch();
    subscription.close();
    release.countDown();

    assertThat(awaitAcks(2))
        .extracting(CommandAck::getResult)
        .containsExactly(AckResult.STOPPED, AckResult.UNKNOWN_TARGET);
  }

  @Test
  void shouldHandOutCapsAtTheCheckpointWhenThrottled() throws Exception {
    killSwitch.watchRun("r1", "a1", STOPS);
    assertThat(killSwitch.checkpoint("r1")).isEmpty();

    killSwitch.receive(throttle(RUN, "r1", 1, maxTokens(64)));

    assertThat(killSwitch.checkpoint("r1")).contains(maxTokens(64));
    assertThat(killSwitch.caps("r1")).contains(maxTokens(64));
    assertThat(awaitAcks(1).get(0).getResult()).isEqualTo(AckResult.PARTIAL);
  }

  @Test
  void shouldGiveTheHandlerEmptyCapsWhenAThrottleHasNone() {
    var given = new CompletableFuture<Caps>();
    killSwitch.watchRun(
        "r1",
        "a1",
        new StopHandler() {
          @Override
          public Ack onKill(Command command) {
            return Ack.stopped();
          }

          @Override
          public Ack onThrottle(Command command, Caps caps) {
            given.complete(caps);
            return Ack.applied();
          }
        });

    killSwitch.receive(throttle(RUN, "r1", 1, null));

    assertThat(awaitAcks(1).get(0).getResult()).isEqualTo(AckResult.APPLIED);
    assertThat(given).isCompletedWithValue(Caps.newBuilder().build());
  }

  @Test
  void shouldWaitAtTheCheckpointWhilePausedAndGoOnWhenRestored() throws Exception {
    killSwitch.watchRun("r1", "a1", STOPS);
    var pause = pause(RUN, "r1", 1);
    killSwitch.receive(pause);
    var step = checkpointInBackground("r1");
    await().until(() -> step.thread.getState() == Thread.State.TIMED_WAITING);

    killSwitch.receive(restore(RUN, "r1", 2, pause));

    assertThat(step.result.get(5, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void shouldStopAtTheCheckpointWhenKilledWhilePaused() {
    killSwitch.watchRun("r1", "a1", STOPS);
    killSwitch.receive(pause(RUN, "r1", 1));
    var step = checkpointInBackground("r1");

    killSwitch.receive(kill(RUN, "r1", 2));

    assertThatThrownBy(() -> step.result.get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(RunStopped.class);
  }

  @Test
  void shouldGiveTheRunUpWhenAPauseLastsTooLong() {
    try (var impatient = newKillSwitch(Duration.ofMillis(50))) {
      impatient.watchRun("r1", "a1", STOPS);
      impatient.receive(pause(RUN, "r1", 1));

      assertThatThrownBy(() -> impatient.checkpoint("r1"))
          .isInstanceOfSatisfying(
              RunStopped.class,
              stopped -> assertThat(stopped.command().getCommandId()).isEqualTo("PAUSE-r1-1"))
          .hasMessageContaining("not restored within PT0.05S");
    }
  }

  @Test
  void shouldStopAPausedRunWhenTheKillSwitchCloses() {
    killSwitch.watchRun("r1", "a1", STOPS);
    killSwitch.receive(pause(RUN, "r1", 1));
    var step = checkpointInBackground("r1");
    await().until(() -> step.thread.getState() == Thread.State.TIMED_WAITING);

    killSwitch.close();

    assertThatThrownBy(() -> step.result.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RunStopped.class);
  }

  @Test
  void shouldRefuseACheckpointWhenTheRunIsNotWatched() {
    assertThatThrownBy(() -> killSwitch.checkpoint("nobody"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("watchRun");
  }

  @Test
  void shouldRefuseEmptyIds() {
    assertThatThrownBy(() -> killSwitch.watchRun("", "a1", STOPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rootRunId");
    assertThatThrownBy(() -> killSwitch.watchAgent(null, STOPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("agentId");
  }

  @Test
  void shouldRefuseAHorizonShorterThanTheLookBack() {
    var settings =
        KillSwitchSettings.builder("localhost:1", "http://localhost:1")
            .lookBack(Duration.ofHours(2))
            .horizon(Duration.ofHours(1));

    assertThatThrownBy(settings::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("horizon");
  }

  private record Step(Thread thread, CompletableFuture<Optional<Caps>> result) {}

  private Step checkpointInBackground(String rootRunId) {
    var result = new CompletableFuture<Optional<Caps>>();
    var thread =
        new Thread(
            () -> {
              try {
                result.complete(killSwitch.checkpoint(rootRunId));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return new Step(thread, result);
  }

  private List<CommandAck> awaitAcks(int count) {
    await().until(() -> acks.size() >= count);
    assertThat(acks).hasSize(count);
    return acks;
  }

  private List<CommandAck> acksOf(String rootRunId) {
    return acks.stream().filter(ack -> ack.getRootRunIds().contains(rootRunId)).toList();
  }

  private static StopHandler recordingIn(List<Command> calls) {
    return command -> {
      calls.add(command);
      return Ack.stopped();
    };
  }

  private static StopHandler recordingEpochsIn(List<Long> epochs) {
    return new StopHandler() {
      @Override
      public Ack onKill(Command command) {
        epochs.add(command.getEpoch());
        return Ack.stopped();
      }

      @Override
      public Ack onRestore(Command command) {
        epochs.add(command.getEpoch());
        return Ack.applied();
      }
    };
  }

  private KillSwitch newKillSwitch(Duration pauseTimeout) {
    var settings =
        KillSwitchSettings.builder("localhost:1", "http://localhost:1")
            .tenant("acme")
            .runtime("test-runtime")
            .pauseTimeout(pauseTimeout)
            .build();
    return new KillSwitch(
        settings,
        new AckChannel() {
          @Override
          public void send(CommandAck ack) {
            acks.add(ack);
          }

          @Override
          public void close(Duration patience) {}
        },
        Clock.fixed(Records.NOON, ZoneOffset.UTC));
  }
}
