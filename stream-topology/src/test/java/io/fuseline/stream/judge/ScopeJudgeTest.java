package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.ScopeUnderTest.delta;
import static io.fuseline.stream.judge.ScopeUnderTest.presence;
import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopeJudgeTest {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private static final String DAILY =
      """
      id: daily
      rule: {type: budget, per: agent, window: day, limit: "200"}
      ladder:
        - {at: 80%, action: alert}
        - {at: 100%, action: throttle, caps: {cooldown_ms: 2000}}
        - {at: 150%, within: 1h, action: kill, severity: page}
      """;

  private static final String HOURLY =
      """
      id: hourly
      rule: {type: budget, per: agent, window: hour, limit: "20"}
      ladder: [{at: 100%, action: pause}]
      """;

  private static final String LIFE =
      """
      id: life
      rule: {type: budget, per: agent, window: life, limit: "1000"}
      ladder: [{at: 100%, action: pause}]
      """;

  @Test
  void shouldClimbTheDailyCapAndKillTheAgentsActiveRuns() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY);
    agent.see(presence(Delta.Presence.JOINED, "run-1", TEN_O_CLOCK));
    agent.see(presence(Delta.Presence.JOINED, "run-2", TEN_O_CLOCK));
    agent.see(presence(Delta.Presence.JOINED, "run-3", TEN_O_CLOCK));
    agent.see(presence(Delta.Presence.LEFT, "run-2", TEN_O_CLOCK));

    agent.spends("160", TEN_O_CLOCK);
    agent.spends("40", TEN_O_CLOCK + MINUTE);
    agent.spends("100", TEN_O_CLOCK + 60 * MINUTE);

    assertThat(agent.actions()).containsExactly(Action.THROTTLE, Action.KILL);
    assertThat(agent.alertStates())
        .containsExactly("OPEN ALERT", "ESCALATED THROTTLE", "ESCALATED KILL");
    Command kill = agent.commands.get(1);
    assertThat(kill.getTargetType()).isEqualTo(TargetType.AGENT);
    assertThat(kill.getTarget()).isEqualTo("coder");
    assertThat(kill.getAgentId()).isEqualTo("coder");
    assertThat(kill.getRootRunIds()).containsExactly("run-1", "run-3");
    Evidence evidence = kill.getEvidence();
    assertThat(evidence.getRule()).isEqualTo("scope-budget");
    assertThat(evidence.getThreshold()).isEqualTo("300.000000000000");
    assertThat(evidence.getSummary())
        .isEqualTo("Agent coder has spent 300.00 USD today, 150% of its limit of 200.00 reached.");
  }

  @Test
  void shouldLetGoOfTheDayWhenTheNextDayBegins() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY).spends("500", TEN_O_CLOCK);

    agent.spends("1", TEN_O_CLOCK + DAY);

    assertThat(agent.actions()).containsExactly(Action.KILL, Action.RESTORE);
    assertThat(agent.alertStates()).containsExactly("OPEN KILL", "CLOSED KILL");
    assertThat(agent.state.day().cost()).hasToString("1.000000000000");
    agent.spends("500", TEN_O_CLOCK + DAY + MINUTE);
    assertThat(agent.actions()).hasSize(3).endsWith(Action.KILL);
  }

  @Test
  void shouldEndARunThatBeginsAfterItsAgentWasKilled() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY).spends("500", TEN_O_CLOCK);
    Command killed = agent.commands.get(0);
    assertThat(killed.getTargetType()).isEqualTo(TargetType.AGENT);

    agent.see(presence(Delta.Presence.JOINED, "late-run", TEN_O_CLOCK + HOUR)); // it has only begun
    agent.see(
        delta(1, TEN_O_CLOCK + HOUR, "later-run", Delta.Presence.JOINED, null, 0)); // has spent too
    agent.see(presence(Delta.Presence.JOINED, "late-run", TEN_O_CLOCK + HOUR)); // once more

    assertThat(agent.commands.subList(1, 4))
        .extracting(Command::getAction, Command::getTargetType, Command::getTarget)
        .containsExactly(
            tuple(Action.KILL, TargetType.RUN, "late-run"),
            tuple(Action.KILL, TargetType.RUN, "later-run"),
            tuple(Action.KILL, TargetType.RUN, "late-run"));
    Command kill = agent.commands.get(1);
    assertThat(agent.commands.get(3).getCommandId()).isEqualTo(kill.getCommandId());
    assertThat(kill.getEpisodeId()).isEqualTo(killed.getEpisodeId());
    assertThat(kill.getAgentId()).isEqualTo("coder");
    assertThat(kill.getTeam()).isEqualTo("blue");
    assertThat(kill.getEvidence().getDetails())
        .containsEntry("agent_command", killed.getCommandId());
    assertThat(kill.getReason()).startsWith("Run late-run has begun although agent coder");
  }

  @Test
  void shouldLetARunBeginInTheDayAfterItsAgentWasKilled() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY).spends("500", TEN_O_CLOCK);

    agent.see(presence(Delta.Presence.JOINED, "next-day", TEN_O_CLOCK + DAY));
    agent.see(delta(1, TEN_O_CLOCK + DAY, "spends", Delta.Presence.JOINED, null, 0));

    assertThat(agent.actions()).containsExactly(Action.KILL, Action.RESTORE);
  }

  @Test
  void shouldOnlyEndNewRunsOfAnAgentThatWasKilled() {
    ScopeUnderTest agent = ScopeUnderTest.agent(LIFE).spends("1000", TEN_O_CLOCK);
    assertThat(agent.actions()).containsExactly(Action.PAUSE);

    agent.see(presence(Delta.Presence.JOINED, "late-run", TEN_O_CLOCK + HOUR));

    assertThat(agent.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldLetGoOfTheHourButNotOfTheDay() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY + "---\n" + HOURLY);
    agent.spends("170", TEN_O_CLOCK);

    agent.spends("1", TEN_O_CLOCK + HOUR);

    assertThat(agent.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(agent.alertStates()).containsExactly("OPEN ALERT", "OPEN PAUSE", "CLOSED PAUSE");
  }

  @Test
  void shouldNeverRollALifeBudget() {
    ScopeUnderTest agent = ScopeUnderTest.agent(LIFE).spends("600", TEN_O_CLOCK);

    agent.spends("400", TEN_O_CLOCK + 40 * DAY);
    agent.spends("1", TEN_O_CLOCK + 41 * DAY);
    agent.clock(TEN_O_CLOCK + 90 * DAY);

    assertThat(agent.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldLeaveALifePauseStandingWhenTheDaysKillIsLifted() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY + "---\n" + LIFE);
    agent.spends("1000", TEN_O_CLOCK);

    agent.clock(TEN_O_CLOCK + DAY);

    assertThat(agent.actions()).containsExactly(Action.KILL, Action.PAUSE, Action.RESTORE);
    assertThat(agent.commands.get(2).getReverses()).isEqualTo(agent.commands.get(0).getCommandId());
    assertThat(agent.state.episodes.open()).hasSize(1);
  }

  @Test
  void shouldCloseByTheClockOnlyWhenTheScopeIsSilent() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK + 59 * MINUTE);
    long lastArrival = TEN_O_CLOCK + 59 * MINUTE;

    assertThat(agent.clock(lastArrival + MINUTE - 1)).isFalse();
    assertThat(agent.actions()).containsExactly(Action.PAUSE);
    assertThat(agent.clock(lastArrival + MINUTE)).isTrue();

    assertThat(agent.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(agent.clock(lastArrival + 2 * MINUTE)).isFalse();
  }

  @Test
  void shouldNotCloseByTheClockWithinTheWindow() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK);

    agent.clock(TEN_O_CLOCK + 59 * MINUTE);

    assertThat(agent.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldOpenNoSecondEpisodeInAWindowThatIsSettled() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK);
    agent.clock(TEN_O_CLOCK + HOUR + MINUTE);

    agent.spends("30", TEN_O_CLOCK + MINUTE);

    assertThat(agent.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(agent.state.hour().cost()).hasToString("60.000000000000");
    agent.spends("30", TEN_O_CLOCK + HOUR + 2 * MINUTE);
    assertThat(agent.actions()).hasSize(3).endsWith(Action.PAUSE);
  }

  @Test
  void shouldBookLateSpendButNotJudgeItInAPastWindow() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("1", TEN_O_CLOCK + HOUR);

    agent.spends("500", TEN_O_CLOCK);

    assertThat(agent.actions()).isEmpty();
    assertThat(agent.state.total().cost()).hasToString("501.000000000000");
    assertThat(agent.state.day().cost()).hasToString("501.000000000000");
    assertThat(agent.state.hour().cost()).hasToString("1.000000000000");
  }

  @Test
  void shouldLiftWhatARemovedPolicyHadSent() {
    ScopeUnderTest bySpan = ScopeUnderTest.agent(DAILY).spends("500", TEN_O_CLOCK);
    ScopeUnderTest byClock = ScopeUnderTest.agent(DAILY).spends("500", TEN_O_CLOCK);
    bySpan.apply(HOURLY);
    byClock.apply(HOURLY);

    bySpan.spends("1", TEN_O_CLOCK + 1);
    boolean closed = byClock.clock(TEN_O_CLOCK + 1);

    assertThat(bySpan.actions()).containsExactly(Action.KILL, Action.RESTORE, Action.PAUSE);
    assertThat(closed).isTrue();
    assertThat(byClock.actions()).containsExactly(Action.KILL, Action.RESTORE);
  }

  @Test
  void shouldLiftAPauseWhenTheLimitIsRaisedOverTheSpend() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK);

    agent.apply(HOURLY.replace("\"20\"", "\"25\""));
    agent.clock(TEN_O_CLOCK + 1);
    assertThat(agent.actions()).containsExactly(Action.PAUSE);
    agent.apply(HOURLY.replace("\"20\"", "\"40\""));
    agent.clock(TEN_O_CLOCK + 2);

    assertThat(agent.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
  }

  @Test
  void shouldLiftWhatAPolicyAskedForBeforeItBecameAnotherRule() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK);

    agent.apply("{id: hourly, rule: {type: exact-cycle}, ladder: [{at: 3, action: kill}]}");
    agent.clock(TEN_O_CLOCK + 1);

    assertThat(agent.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
  }

  @Test
  void shouldCountSpendAfterTheStopUntilItIsLifted() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY).spends("30", TEN_O_CLOCK);

    agent.spends("2", TEN_O_CLOCK + MINUTE).spends("3", TEN_O_CLOCK + HOUR);

    assertThat(agent.state.episodes.spendAfterStop()).hasToString("2.000000000000");
    assertThat(agent.alerts.get(1).getEvidence().getMeasured()).isEqualTo("2.000000000000");
  }

  @ParameterizedTest
  @CsvSource({
    "TEAM, blue, team, TEAM",
    "TENANT, acme, tenant, TENANT",
    "MODEL, model-a, model, MODEL",
    "TOOL, search, tool, TOOL",
    "WORKFLOW, triage, workflow, WORKFLOW",
    "PROJECT, apollo, project, PROJECT",
    "COST_CENTRE, 4711, cost_centre, COST_CENTRE",
    "STEP, plan, step, OTHER"
  })
  void shouldHoldBudgetsOverEveryDimension(
      Dimension dimension, String value, String per, TargetType type) {
    ScopeUnderTest scope =
        new ScopeUnderTest(dimension, value, HOURLY.replace("per: agent", "per: " + per));

    scope.see(plain("25"));

    assertThat(scope.actions()).containsExactly(Action.PAUSE);
    Command pause = scope.commands.get(0);
    assertThat(pause.getTargetType()).isEqualTo(type);
    assertThat(pause.getTarget()).isEqualTo(value);
    assertThat(pause.getAgentId()).isNull();
  }

  @Test
  void shouldSelectTeamsByTheirName() {
    String blue = "match: {team: blue}\n" + HOURLY.replace("per: agent", "per: team");

    ScopeUnderTest meant = new ScopeUnderTest(Dimension.TEAM, "blue", blue).see(plain("25"));
    ScopeUnderTest other = new ScopeUnderTest(Dimension.TEAM, "red", blue).see(plain("25"));

    assertThat(meant.actions()).containsExactly(Action.PAUSE);
    assertThat(other.actions()).isEmpty();
  }

  @Test
  void shouldKeepWhatPoliciesSelectOnWhenAnAgentLeavesARun() {
    ScopeUnderTest agent = ScopeUnderTest.agent("match: {team: blue}\n" + HOURLY);
    agent.spends("1", TEN_O_CLOCK);

    agent.see(
        new Delta(
            Delta.Cause.SPAN,
            TEN_O_CLOCK + 5,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            "run-1",
            null,
            null,
            ScopeUnderTest.subject(null),
            Delta.Presence.LEFT,
            null,
            0,
            null));

    assertThat(agent.state.subject.team()).isEqualTo("blue");
  }

  @Test
  void shouldForgetRunsThatWereNotAnnouncedForAWeek() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY);
    agent.see(presence(Delta.Presence.JOINED, "old", TEN_O_CLOCK));

    agent.see(presence(Delta.Presence.JOINED, "new", TEN_O_CLOCK + 7 * DAY + 1));
    agent.spends("300", TEN_O_CLOCK + 7 * DAY + 1);

    assertThat(agent.commands.get(0).getRootRunIds()).containsExactly("new");
    List<String> left = new ArrayList<>();
    agent.activeRuns.each(agent.key, (run, seen) -> left.add(run));
    assertThat(left).containsExactly("new");
  }

  @Test
  void shouldNameTheRunsThatWereAtWorkWhenTheCommandWasDecided() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY);
    agent.see(presence(Delta.Presence.JOINED, "before", TEN_O_CLOCK));
    agent.spends("300", TEN_O_CLOCK);

    agent.see(presence(Delta.Presence.LEFT, "before", TEN_O_CLOCK + 1));
    agent.see(presence(Delta.Presence.JOINED, "after", TEN_O_CLOCK + 1));

    assertThat(agent.commands.get(0).getRootRunIds()).containsExactly("before");
  }

  @Test
  void shouldFitAChangelogRecordHoweverManyAndLongTheNames() {
    ScopeUnderTest agent = ScopeUnderTest.agent(HOURLY);
    String longest = "漢".repeat(505);

    for (int i = 0; i < 600; i++) {
      agent.see(presence(Delta.Presence.JOINED, longest + i, TEN_O_CLOCK));
      agent.see(
          delta(1, TEN_O_CLOCK, "run-1", Delta.Presence.UNCHANGED, longest + "tool" + i % 300, 1));
    }
    agent.spends("30", TEN_O_CLOCK);

    assertThat(agent.state.toBytes()).hasSizeLessThan(600_000);
    int named =
        agent.commands.get(0).getRootRunIds().stream().mapToInt(id -> 3 * id.length()).sum();
    assertThat(named).isBetween(100_000, 300_000);
  }

  @Test
  void shouldLearnTheAgentsUsualRateAndPublishItWhenMature() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY);

    for (int sample = 0; sample < 40; sample++) {
      agent.see(delta(1, TEN_O_CLOCK + sample, "run-1", Delta.Presence.UNCHANGED, "search", 12));
    }

    assertThat(agent.publishedMilli).containsExactly(12_000L);
  }

  @Test
  void shouldKeepBaselinesOfSoManyToolsOnly() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY);

    for (int tool = 0; tool < ScopeState.MAX_BASELINES + 20; tool++) {
      agent.see(delta(1, TEN_O_CLOCK, "run-1", Delta.Presence.UNCHANGED, "tool-" + tool, 1));
    }

    assertThat(agent.state.baselines).hasSize(ScopeState.MAX_BASELINES);
  }

  @Test
  void shouldTellWhenADeltaIsTooLateForItsMinute() {
    ScopeUnderTest agent = ScopeUnderTest.agent(DAILY).spends("1", TEN_O_CLOCK + DAY);

    agent.spends("1", TEN_O_CLOCK);
    assertThat(agent.inMinute).isTrue();
    agent.spends("1", TEN_O_CLOCK - 1);
    assertThat(agent.inMinute).isFalse();
  }

  private static Delta plain(String usd) {
    return new Delta(
        Delta.Cause.SPAN,
        TEN_O_CLOCK,
        SpanDraft.pico(usd),
        SpanDraft.pico(usd),
        0,
        1,
        1,
        0,
        0,
        0,
        10,
        "run-1",
        "span-1",
        null,
        null,
        Delta.Presence.UNCHANGED,
        null,
        0,
        null);
  }
}
