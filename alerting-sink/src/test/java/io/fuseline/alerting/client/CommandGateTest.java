package io.fuseline.alerting.client;

import static io.fuseline.alerting.Records.NOON;
import static io.fuseline.alerting.Records.command;
import static io.fuseline.alerting.Records.kill;
import static io.fuseline.alerting.Records.maxTokens;
import static io.fuseline.alerting.Records.pause;
import static io.fuseline.alerting.Records.restore;
import static io.fuseline.alerting.Records.throttle;
import static io.fuseline.schemas.TargetType.AGENT;
import static io.fuseline.schemas.TargetType.RUN;
import static io.fuseline.schemas.TargetType.TEAM;
import static io.fuseline.schemas.TargetType.TENANT;
import static io.fuseline.schemas.TargetType.WORKFLOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.alerting.client.CommandGate.Answer;
import io.fuseline.alerting.client.CommandGate.Outcome;
import io.fuseline.alerting.client.CommandGate.Verdict;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandGateTest {
  private final CommandGate gate = new CommandGate("acme", 1000);

  @Test
  void shouldDeliverToTheRunWhenItIsTheTarget() {
    var run = watchRun("r1", "a1");
    watchRun("r2", "a1");

    var outcome = offer(kill(RUN, "r1", 1));

    assertThat(outcome.verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(outcome.deliverTo()).containsExactly(run);
    assertThat(gate.standingOf("r1").kill()).isNotNull();
    assertThat(gate.standingOf("r2").kill()).isNull();
  }

  @Test
  void shouldDeliverToEveryRunWhenTheirAgentIsTheTarget() {
    var first = watchRun("r1", "a1");
    var second = watchRun("r2", "a1");
    watchRun("r3", "a2");

    assertThat(offer(kill(AGENT, "a1", 1)).deliverTo()).containsExactly(first, second);
  }

  @Test
  void shouldDeliverToARunThatStartsLaterWhenItsAgentIsKilled() {
    var kill = kill(AGENT, "a1", 1);
    offer(kill);

    assertThat(gate.watch(run("r9", "a1", Map.of()))).containsExactly(kill);
    assertThat(gate.standingOf("r9").kill()).isEqualTo(kill);
  }

  @Test
  void shouldDeliverNothingToALaterRunWhenTheAgentWasRestored() {
    var kill = kill(AGENT, "a1", 1);
    offer(kill);
    offer(restore(AGENT, "a1", 2, kill));

    assertThat(gate.watch(run("r9", "a1", Map.of()))).isEmpty();
    assertThat(gate.standingOf("r9").kill()).isNull();
  }

  @Test
  void shouldMatchByAttributeWhenTheTargetIsNeitherRunNorAgent() {
    var run = run("r1", "a1", Map.of(TEAM, "support", WORKFLOW, "triage"));
    gate.watch(run);

    assertThat(offer(pause(TEAM, "support", 1)).deliverTo()).containsExactly(run);
    assertThat(offer(pause(WORKFLOW, "triage", 1)).deliverTo()).containsExactly(run);
    assertThat(offer(pause(TENANT, "acme", 1)).deliverTo()).containsExactly(run);
    assertThat(offer(pause(TEAM, "sales", 1)).deliverTo()).isEmpty();
    assertThat(offer(pause(TargetType.OTHER, "r1", 1)).deliverTo()).isEmpty();
  }

  @Test
  void shouldIgnoreACommandWhenItsEpochIsNotAboveTheHighest() {
    watchRun("r1", "a1");
    offer(restore(RUN, "r1", 5, null));

    assertThat(offer(kill(RUN, "r1", 4)).verdict()).isEqualTo(Verdict.STALE);
    assertThat(offer(kill(RUN, "r1", 5)).verdict()).isEqualTo(Verdict.STALE);
    assertThat(gate.standingOf("r1").kill()).isNull();
    assertThat(gate.counts()).isEqualTo(new KillSwitch.Counts(1, 0, 2));
  }

  @Test
  void shouldFenceEachTargetForItselfWhenTheirNamesAreEqual() {
    watchRun("x", "x");
    offer(kill(RUN, "x", 5));

    assertThat(offer(kill(AGENT, "x", 1)).verdict()).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void shouldGiveTheSameAnswerWhenACommandComesAgain() {
    var run = watchRun("r1", "a1");
    var kill = kill(RUN, "r1", 1);
    offer(kill);
    var ack = Ack.stopped();
    gate.answered(kill, run.subject(), ack);

    var again = offer(kill);

    assertThat(again.verdict()).isEqualTo(Verdict.DUPLICATE);
    assertThat(again.deliverTo()).isEmpty();
    assertThat(again.answers()).containsExactly(new Answer(run.subject(), ack));
  }

  @Test
  void shouldAnswerNothingYetWhenACommandComesAgainWhileItsHandlerRuns() {
    watchRun("r1", "a1");
    offer(kill(RUN, "r1", 1));

    assertThat(offer(kill(RUN, "r1", 1)).answers()).isEmpty();
  }

  @Test
  void shouldRaiseTheFenceWhenACommandComesAgainWithAHigherEpoch() {
    var kill = kill(RUN, "r1", 5);
    offer(kill);

    var again = offer(Command.newBuilder(kill).setEpoch(7).build());

    assertThat(again.verdict()).isEqualTo(Verdict.DUPLICATE);
    assertThat(offer(restore(RUN, "r1", 6, null)).verdict()).isEqualTo(Verdict.STALE);
  }

  @Test
  void shouldIgnoreOtherTenants() {
    watchRun("r1", "a1");
    var foreign = Command.newBuilder(kill(RUN, "r1", 1)).setTenantId("other").build();

    assertThat(offer(foreign).verdict()).isEqualTo(Verdict.OTHER_TENANT);
    assertThat(gate.standingOf("r1").kill()).isNull();
  }

  @Test
  void shouldTakeAnEmptyTenantForTheDefaultOne() {
    var defaultGate = new CommandGate("default", 10);
    var unnamed = Command.newBuilder(kill(RUN, "r1", 1)).setTenantId("").build();

    assertThat(defaultGate.offer(unnamed, NOON).verdict()).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void shouldAnswerUnknownTargetWhenTheAgentIsOursButTheRunIsNot() {
    gate.watch(Watch.ofAgent("acme", "a1"));
    var kill = Command.newBuilder(kill(RUN, "gone", 1)).setAgentId("a1").build();

    assertThat(offer(kill).answers())
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.ack().result()).isEqualTo(AckResult.UNKNOWN_TARGET);
              assertThat(answer.subject().rootRunIds()).containsExactly("gone");
            });
    assertThat(offer(kill).answers()).hasSize(1);
  }

  @Test
  void shouldStaySilentWhenNeitherRunNorAgentIsOurs() {
    gate.watch(Watch.ofAgent("acme", "a1"));

    var other = Command.newBuilder(kill(RUN, "gone", 1)).setAgentId("a2").build();

    assertThat(offer(other).answers()).isEmpty();
    assertThat(offer(kill(AGENT, "a2", 1)).answers()).isEmpty();
  }

  @Test
  void shouldStayKilledWhenAMilderCommandFollows() {
    watchRun("r1", "a1");
    offer(kill(AGENT, "a1", 1));
    offer(throttle(AGENT, "a1", 2, maxTokens(100)));
    offer(pause(AGENT, "a1", 3));

    assertThat(gate.standingOf("r1").kill()).isNotNull();
  }

  @Test
  void shouldKeepTheOtherEpisodeWhenOneIsRestored() {
    watchRun("r1", "a1");
    var throttle = throttle(RUN, "r1", 1, maxTokens(100));
    var pause = pause(RUN, "r1", 2);
    offer(throttle);
    offer(pause);

    offer(restore(RUN, "r1", 3, pause));

    assertThat(gate.standingOf("r1").pause()).isNull();
    assertThat(gate.standingOf("r1").caps()).contains(maxTokens(100));
  }

  @Test
  void shouldLiftTheMilderRungsWhenTheStrictestOfAnEpisodeIsRestored() {
    watchRun("r1", "a1");
    var pause = pause(RUN, "r1", 2);
    offer(
        Command.newBuilder(throttle(RUN, "r1", 1, maxTokens(100)))
            .setEpisodeId(pause.getEpisodeId())
            .build());
    offer(pause);

    offer(restore(RUN, "r1", 3, pause));

    assertThat(gate.standingOf("r1").pause()).isNull();
    assertThat(gate.standingOf("r1").caps()).isEmpty();
  }

  @Test
  void shouldReplaceTheEarlierCapsWhenAPolicyThrottlesAnew() {
    watchRun("r1", "a1");
    offer(throttle(RUN, "r1", 1, maxTokens(100)));
    offer(throttle(RUN, "r1", 2, maxTokens(500)));

    assertThat(gate.standingOf("r1").caps()).contains(maxTokens(500));
  }

  @Test
  void shouldTakeTheTightestCapsWhenSeveralTargetsAreThrottled() {
    watchRun("r1", "a1");
    offer(throttle(RUN, "r1", 1, maxTokens(500)));
    offer(throttle(AGENT, "a1", 1, Caps.newBuilder().setMaxTokens(100L).setCooldownMs(9L).build()));

    assertThat(gate.standingOf("r1").caps())
        .contains(Caps.newBuilder().setMaxTokens(100L).setCooldownMs(9L).build());
  }

  @Test
  void shouldRestWhenApprovalIsRequired() {
    watchRun("r1", "a1");
    offer(command(Action.REQUIRE_APPROVAL, RUN, "r1", 1));

    assertThat(gate.standingOf("r1").pause()).isNotNull();
  }

  @Test
  void shouldChangeNothingWhenTheCommandIsAnAlert() {
    watchRun("r1", "a1");
    offer(command(Action.ALERT, RUN, "r1", 1));

    var standing = gate.standingOf("r1");
    assertThat(standing.kill()).isNull();
    assertThat(standing.pause()).isNull();
    assertThat(standing.caps()).isEmpty();
  }

  @Test
  void shouldRefuseASecondWatchOfTheSameRun() {
    watchRun("r1", "a1");

    assertThatThrownBy(() -> watchRun("r1", "a1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("r1")
        .hasMessageContaining("unwatch");
  }

  @Test
  void shouldForgetTargetsWhenTheirLastCommandIsBeforeTheHorizonAndNobodyWatches() {
    watchRun("watched", "a1");
    gate.offer(kill(RUN, "watched", 1), NOON);
    gate.offer(kill(RUN, "old", 1), NOON);
    gate.offer(kill(RUN, "young", 1), NOON.plusSeconds(60));

    gate.forgetBefore(NOON.plusSeconds(1));

    assertThat(gate.standingOf("watched").kill()).isNotNull();
    assertThat(gate.standingOf("old").kill()).isNull();
    assertThat(gate.standingOf("young").kill()).isNotNull();
    assertThat(gate.targetsKnown()).isEqualTo(2);
  }

  @Test
  void shouldForgetTheOldestWhenThereAreTooManyTargets() {
    for (int i = 0; i < 1500; i++) {
      gate.offer(kill(RUN, "run-" + i, 1), NOON.plusMillis(i));
    }

    gate.forgetBefore(NOON.minus(Duration.ofDays(1)));

    assertThat(gate.targetsKnown()).isEqualTo(1000);
    assertThat(gate.standingOf("run-0").kill()).isNull();
    assertThat(gate.standingOf("run-1499").kill()).isNotNull();
  }

  private Outcome offer(Command command) {
    return gate.offer(command, NOON);
  }

  private Watch watchRun(String rootRunId, String agentId) {
    var watch = run(rootRunId, agentId, Map.of());
    gate.watch(watch);
    return watch;
  }

  private static Watch run(String rootRunId, String agentId, Map<TargetType, String> attributes) {
    return Watch.ofRun("acme", rootRunId, agentId, attributes);
  }
}
