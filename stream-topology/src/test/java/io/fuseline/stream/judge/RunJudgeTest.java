package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunJudgeTest {
  private static final String LOOP =
      """
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      """;

  private static final String EXPLOSION =
      """
      id: explosion
      rule: {type: tool-call-explosion, window: 5m, floor_calls: 100}
      ladder:
        - {at: 10x, action: throttle, caps: {cooldown_ms: 5000}}
        - {at: 20x, action: kill}
      """;

  private static final String CAP =
      """
      id: cap
      rule: {type: budget, per: run, limit: "10"}
      ladder: [{at: 80%, action: alert}, {at: 100%, action: pause}]
      """;

  @Test
  void shouldKillOnceWithEvidenceWhenCallsRepeatExactly() {
    RunUnderTest run = new RunUnderTest(LOOP);

    for (int call = 0; call < 12; call++) {
      run.see(
          toolCall(call % 2 == 0 ? "search" : "read")
              .id("call-" + call)
              .signature(call % 2)
              .second(call)
              .costs("0.5"));
    }

    assertThat(run.actions()).containsExactly(Action.KILL);
    Command kill = run.command(Action.KILL);
    assertThat(kill.getTargetType()).isEqualTo(TargetType.RUN);
    assertThat(kill.getTarget()).isEqualTo("run-1");
    assertThat(kill.getRootRunIds()).containsExactly("run-1");
    assertThat(kill.getPolicyId()).isEqualTo("loop");
    assertThat(kill.getTeam()).isEqualTo("blue");
    assertThat(run.alerts.get(0).getTeam()).isEqualTo("blue");
    assertThat(kill.getSpend()).isEqualByComparingTo("3");
    Evidence evidence = kill.getEvidence();
    assertThat(evidence.getRule()).isEqualTo("exact-cycle");
    assertThat(evidence.getMeasured()).isEqualTo("3");
    assertThat(evidence.getThreshold()).isEqualTo("3");
    assertThat(evidence.getSpanIds())
        .containsExactly("call-0", "call-1", "call-2", "call-3", "call-4", "call-5");
    assertThat(evidence.getDetails())
        .containsEntry("period", "2")
        .containsEntry("results_known", "true")
        .containsEntry("repeats_seen", "3");
    assertThat(evidence.getSummary())
        .isEqualTo(
            "Agent coder repeats the same cycle of 2 tool calls 3 times in run run-1 (last: read);"
                + " 3.00 USD spent.");
  }

  @Test
  void shouldNotKillWhenResultsDiffer() {
    RunUnderTest run = new RunUnderTest(LOOP);

    for (int call = 0; call < 500; call++) {
      run.see(toolCall("poll").signature(call).second(call));
    }

    assertThat(run.commands).isEmpty();
    assertThat(run.alerts).isEmpty();
  }

  @Test
  void shouldTakeNoStepForThirteenThousandHealthyCalls() throws IOException {
    RunUnderTest run = new RunUnderTest(defaultPolicies());
    Random random = new Random(7);
    long micros = SpanDraft.TEN_O_CLOCK;
    for (int call = 0; call < 13_000; call++) {
      micros += (long) (1 + random.nextInt(8)) * Times.MICROS_PER_SECOND;
      int tool = (int) (Math.abs(random.nextGaussian()) * 4);
      long signature = 1000L * tool + random.nextInt(300);
      int again = random.nextInt(50) == 0 ? 2 : 1; // now and then a call is simply made twice
      for (int i = 0; i < again; i++) {
        SpanDraft draft = toolCall("tool-" + tool).signature(signature).atMicros(micros);
        run.see(random.nextInt(10) == 0 ? draft.resultUnknown() : draft);
      }
    }

    assertThat(run.commands).isEmpty();
    assertThat(run.alerts).isEmpty();
  }

  @Test
  void shouldAskForTwiceTheRepeatsWhenResultsAreUnknown() {
    RunUnderTest run = new RunUnderTest(LOOP);

    run.see(5, toolCall("search").resultUnknown());
    assertThat(run.commands).isEmpty();
    run.see(toolCall("search").resultUnknown());

    assertThat(run.actions()).containsExactly(Action.KILL);
    Evidence evidence = run.command(Action.KILL).getEvidence();
    assertThat(evidence.getMeasured()).isEqualTo("3");
    assertThat(evidence.getDetails())
        .containsEntry("results_known", "false")
        .containsEntry("repeats_seen", "6");
  }

  @Test
  void shouldKeepIgnoredToolsOutOfTheSequence() {
    RunUnderTest run =
        new RunUnderTest(
            LOOP.replace("exact-cycle", "exact-cycle, ignore_tools: [poll]")
                + "---\n"
                + LOOP.replace("id: loop", "id: others\nmatch: {agent: somebody-else}"));

    for (int i = 0; i < 3; i++) {
      run.see(3, toolCall("poll").signature(i));
      assertThat(run.commands).isEmpty();
      run.see(toolCall("work").signature(99));
    }

    assertThat(run.actions()).containsExactly(Action.KILL);
    assertThat(run.command(Action.KILL).getEvidence().getDetails()).containsEntry("period", "1");
  }

  @Test
  void shouldNotMixTheCallsOfSiblings() {
    RunUnderTest run = new RunUnderTest(LOOP);

    for (int child = 0; child < 20; child++) {
      run.see(2, toolCall("load").run("child-" + child, "run-1").agent("helper"));
    }

    assertThat(run.commands).isEmpty();
  }

  @Test
  void shouldProveNothingFromRunsThatAreAddedUpTogether() {
    RunUnderTest run = new RunUnderTest(LOOP);

    for (int child = 0; child < RunState.MAX_RUNS + 50; child++) {
      run.see(toolCall("load").run("child-" + child, "run-1").costs("0.001"));
    }

    assertThat(run.commands).isEmpty();
    assertThat(run.state.cost).hasToString("2.050000000000");
    assertThat(run.state.nodes).hasSizeGreaterThan(700).containsKey(RunState.OTHERS);
  }

  @Test
  void shouldFitAChangelogRecordHoweverManyAndLongTheNames() {
    RunUnderTest run = new RunUnderTest(LOOP + "---\n" + CAP);
    String longest = "漢".repeat(505);

    for (int i = 0; i < 3000; i++) {
      run.see(
          toolCall(longest + i % 400)
              .id("span" + longest + i)
              .agent("agent" + longest + i % 7)
              .run("child" + longest + i % 1500, longest)
              .step(longest + i % 300)
              .signature(i)
              .costs("0.1"));
    }

    assertThat(run.state.toBytes()).hasSizeLessThan(900_000);
    assertThat(run.state.cost).hasToString("300.000000000000");
    assertThat(RunState.fromBytes(run.state.toBytes()).toBytes()).isEqualTo(run.state.toBytes());
  }

  @Test
  void shouldCloseALoopInShadowWhenCallsNoLongerRepeat() {
    RunUnderTest run = new RunUnderTest("mode: shadow\n" + LOOP);
    run.see(4, toolCall("search"));

    run.see(toolCall("search").signature(5));

    assertThat(run.alertStates()).containsExactly("OPEN KILL", "CLOSED KILL");
    assertThat(run.commands).isEmpty();
  }

  @Test
  void shouldThrottleThenKillWhenToolCallsExplode() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);

    explode(run, "search", 99);
    assertThat(run.alerts).isEmpty();
    explode(run, "search", 1);
    assertThat(run.actions()).containsExactly(Action.THROTTLE);
    explode(run, "search", 99);
    assertThat(run.actions()).hasSize(1);
    explode(run, "search", 1);

    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.KILL);
    assertThat(run.command(Action.THROTTLE).getCaps().getCooldownMs()).isEqualTo(5000);
    Evidence evidence = run.command(Action.KILL).getEvidence();
    assertThat(evidence.getMeasured()).isEqualTo("20.000");
    assertThat(evidence.getThreshold()).isEqualTo("20.000");
    assertThat(evidence.getDetails())
        .containsEntry("tool", "search")
        .containsEntry("calls", "200")
        .containsEntry("baseline_known", "false");
  }

  @Test
  void shouldMeasureAgainstTheAgentsOwnBaseline() {
    // 40 a minute is usual: 200 in five minutes, so 10x is 2000 calls.
    RunUnderTest run = new RunUnderTest(EXPLOSION).usually("coder", "search", 40);

    explode(run, "search", 1999);
    assertThat(run.alerts).isEmpty();
    explode(run, "search", 1);

    assertThat(run.actions()).containsExactly(Action.THROTTLE);
    assertThat(run.command(Action.THROTTLE).getEvidence().getDetails())
        .containsEntry("baseline_known", "true");
  }

  @Test
  void shouldRespectTheFloorWhenTheBaselineIsTiny() {
    RunUnderTest run = new RunUnderTest(EXPLOSION).usually("coder", "search", 1);

    explode(run, "search", 99);

    assertThat(run.alerts).isEmpty();
  }

  @Test
  void shouldRestoreOnceWhenTheExplosionHasCalmedDown() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);
    explode(run, "search", 120);

    run.see(llmSpan().minute(3));
    assertThat(run.actions()).containsExactly(Action.THROTTLE);
    run.see(llmSpan().minute(6)); // the burst has left the window; no tool was called since

    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
    assertThat(run.command(Action.RESTORE).getReverses())
        .isEqualTo(run.command(Action.THROTTLE).getCommandId());
    assertThat(run.alertStates()).containsExactly("OPEN THROTTLE", "CLOSED THROTTLE");
  }

  @Test
  void shouldStayOpenBetweenHalfAndTheWholeOfTheThreshold() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);
    explode(run, "search", 100);

    run.see(55, toolCall("search").signature(1).minute(4));
    run.see(toolCall("search").signature(2).minute(8));
    assertThat(run.actions()).containsExactly(Action.THROTTLE);
    run.see(toolCall("search").signature(3).minute(9));

    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
  }

  @Test
  void shouldNotCloseAnExplosionBecauseAnotherToolIsCalledAsUsual() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);

    for (int i = 0; i < 150; i++) {
      explode(run, "search", 1);
      run.see(toolCall("read").signature(i).second(1));
    }

    assertThat(run.actions().subList(0, 1)).containsExactly(Action.THROTTLE);
    assertThat(run.actions()).doesNotContain(Action.RESTORE);
  }

  @Test
  void shouldNotCloseAnExplosionForALateSpan() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);
    explode(run, "search", 120);

    run.see(toolCall("search").signature(-1).minute(-30));

    assertThat(run.actions()).containsExactly(Action.THROTTLE);
  }

  @Test
  void shouldNotTakeManyDifferentToolsForOne() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);

    for (int tool = 0; tool < RunState.MAX_TOOLS + 500; tool++) {
      run.see(toolCall("tool-" + tool).signature(tool).second(1).costs("0.01"));
    }

    assertThat(run.alerts).isEmpty();
    assertThat(run.state.tools).hasSize(RunState.MAX_TOOLS + 1);
  }

  @Test
  void shouldGiveASampleOfEachMinuteThatEndedWithoutAnExplosion() {
    RunUnderTest run = new RunUnderTest(EXPLOSION);

    run.see(7, toolCall("search").signature(1).minute(0));
    assertThat(run.last.sample()).isNull();
    run.see(toolCall("search").signature(2).minute(2));
    assertThat(run.last.sample()).isEqualTo(new RunJudge.ToolSample("search", 7));

    explodeAt(run, "search", 300, 3);
    run.see(toolCall("search").signature(3).minute(4));
    assertThat(run.last.sample()).isNull();
  }

  @Test
  void shouldWarnAtEightyAndPauseAtAHundredPercentOfTheRunCap() {
    RunUnderTest run = new RunUnderTest(CAP);

    run.see(llmSpan().costs("7.999999999999"));
    assertThat(run.alerts).isEmpty();
    run.see(llmSpan().costs("0.000000000001"));
    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
    run.see(llmSpan().costs("1.5").bound("0.5"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
    Evidence evidence = run.command(Action.PAUSE).getEvidence();
    assertThat(evidence.getRule()).isEqualTo("run-budget");
    assertThat(evidence.getMeasured()).isEqualTo("10.000000000000");
    assertThat(evidence.getThreshold()).isEqualTo("10.000000000000");
    assertThat(evidence.getUnit()).isEqualTo("USD");
    assertThat(evidence.getDetails()).containsEntry("of_which_unpriced_bound", "0.500000000000");
    assertThat(evidence.getSummary())
        .isEqualTo(
            "Run run-1 of agent coder has spent 10.00 USD, 100% of its limit of 10.00 reached.");
  }

  @Test
  void shouldCountWhatSubAgentsSpendOnTheRootsCap() {
    RunUnderTest run = new RunUnderTest("match: {agent: planner}\n" + CAP);

    run.see(llmSpan().agent("planner").costs("1"));
    run.see(llmSpan().agent("coder").run("child", "run-1").costs("5"));
    run.see(llmSpan().agent("tester").run("grandchild", "child").costs("4"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
    assertThat(run.command(Action.PAUSE).getTarget()).isEqualTo("run-1");
    assertThat(run.command(Action.PAUSE).getAgentId()).isEqualTo("planner");
    assertThat(run.state.nodes.get("child").parentRunId).isEqualTo("run-1");
  }

  @Test
  void shouldNotHoldASubAgentsPolicyAgainstTheWholeTree() {
    RunUnderTest run = new RunUnderTest("match: {agent: coder}\n" + CAP);

    run.see(llmSpan().agent("planner").costs("9"));
    run.see(llmSpan().agent("coder").run("child", "run-1").costs("2"));

    assertThat(run.commands).isEmpty();
  }

  @Test
  void shouldChangeNothingForADuplicate() {
    RunUnderTest run = new RunUnderTest(CAP + "---\n" + LOOP);
    run.see(toolCall("search").id("a").costs("3").step("plan"));
    byte[] before = run.state.toBytes();

    run.see(toolCall("search").id("a").costs("3").step("plan"));
    run.see(toolCall("search").id("a").start());
    run.see(toolCall("search").id("a").snapshot().costs("9"));

    assertThat(run.last.disposition()).isEqualTo(RunJudge.Disposition.DUPLICATE);
    assertThat(run.last.booked()).isNull();
    assertThat(run.state.toBytes()).isEqualTo(before);
  }

  @Test
  void shouldBookOnceWhenASpanIsWrittenThreeTimes() {
    RunUnderTest run = new RunUnderTest(CAP);

    run.see(llmSpan().id("a").start());
    assertThat(run.state.spans).isZero();
    run.see(llmSpan().id("a").snapshot().model("model-a").step("draft").costs("2").tokens(20));
    run.see(llmSpan().id("a").snapshot().model("model-b").step("draft").costs("3").tokens(30));
    run.see(llmSpan().id("a").model("model-c").step("final").costs("4").tokens(40).minute(3));

    assertThat(run.state.cost).hasToString("4.000000000000");
    assertThat(run.state.spans).isOne();
    assertThat(run.state.nodes.get("run-1").spans).isOne();
    assertThat(run.state.steps.get("draft")).isEqualTo(new Amount());
    assertThat(run.state.steps.get("final")).isEqualTo(Amount.ofPico(SpanDraft.pico("4")));
    assertThat(run.scopes.get(scope(Dimension.MODEL, "model-a"))).isEqualTo(new Amount());
    assertThat(run.scopes.get(scope(Dimension.MODEL, "model-b"))).isEqualTo(new Amount());
    assertThat(run.scopes.get(scope(Dimension.MODEL, "model-c"))).hasToString("4.000000000000");
    assertThat(run.scopes.get(scope(Dimension.AGENT, "coder"))).hasToString("4.000000000000");
    assertThat(run.scopes.get(scope(Dimension.TENANT, "acme"))).hasToString("4.000000000000");
  }

  @Test
  void shouldNotCountASnapshotOfAToolCallAsACall() {
    RunUnderTest run = new RunUnderTest(LOOP);

    for (int call = 0; call < 2; call++) {
      run.see(toolCall("search").id("call-" + call).start());
      run.see(toolCall("search").id("call-" + call).snapshot());
      run.see(toolCall("search").id("call-" + call).snapshot());
      run.see(toolCall("search").id("call-" + call));
    }

    assertThat(run.commands).isEmpty();
  }

  @Test
  void shouldCountWhatIsSpentAfterTheStop() {
    RunUnderTest run = new RunUnderTest(CAP);
    run.see(llmSpan().id("open").snapshot().costs("4"));
    run.see(llmSpan().costs("6"));
    assertThat(run.actions()).containsExactly(Action.PAUSE);

    run.see(llmSpan().costs("1.25"));
    run.see(llmSpan().id("open").costs("4.5"));

    assertThat(run.state.episodes.spendAfterStop()).hasToString("1.750000000000");
    assertThat(run.state.episodes.open().get(0).spendAfterStop).hasToString("1.750000000000");
  }

  @Test
  void shouldLetGoWhenTheRunGoesSilentButKeepWhatRestsByCommand() {
    RunUnderTest throttled = new RunUnderTest(EXPLOSION);
    explode(throttled, "search", 100);
    RunUnderTest paused = new RunUnderTest(CAP).see(llmSpan().costs("10"));
    RunUnderTest asked =
        new RunUnderTest(CAP.replace("pause", "require-approval")).see(llmSpan().costs("10"));

    throttled.goSilent();
    paused.goSilent();
    asked.goSilent();

    assertThat(throttled.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
    assertThat(paused.actions()).containsExactly(Action.PAUSE);
    assertThat(asked.actions()).containsExactly(Action.REQUIRE_APPROVAL);
    assertThat(throttled.state.idle()).isTrue();
  }

  @Test
  void shouldEndAKilledRunsEpisodeWithoutRestoringIt() {
    RunUnderTest run = new RunUnderTest(LOOP).see(3, toolCall("search"));

    run.goSilent();
    run.see(9, toolCall("search"));

    assertThat(run.actions()).containsExactly(Action.KILL);
    assertThat(run.alertStates()).containsExactly("OPEN KILL", "CLOSED KILL", "OPEN KILL");
  }

  @Test
  void shouldLiftAPauseWhenItsPolicyIsRemovedOrItsLimitRaised() {
    RunUnderTest removed = new RunUnderTest(CAP).see(llmSpan().costs("10"));
    RunUnderTest raised = new RunUnderTest(CAP).see(llmSpan().costs("10"));

    removed.apply(LOOP);
    removed.goSilent();
    raised.apply(CAP.replace("\"10\"", "\"20\""));
    raised.see(llmSpan().costs("1"));

    assertThat(removed.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(raised.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(raised.state.episodes.open()).isEmpty();
  }

  @Test
  void shouldAnnounceEachAgentOnceUntilTheRunGoesSilent() {
    RunUnderTest run = new RunUnderTest(CAP);

    assertThat(run.see(llmSpan().agent("a")).last.joined()).isTrue();
    assertThat(run.see(llmSpan().agent("b")).last.joined()).isTrue();
    assertThat(run.see(llmSpan().agent("b")).last.joined()).isFalse();
    assertThat(run.see(llmSpan().agent("a").start()).last.joined()).isFalse();
    run.goSilent();

    assertThat(run.state.agents()).containsExactlyInAnyOrder("a", "b");
    assertThat(run.see(llmSpan().agent("b")).last.joined()).isTrue();
  }

  @Test
  void shouldLearnTheParentFromALaterSpan() {
    RunUnderTest run = new RunUnderTest(CAP);

    run.see(llmSpan().run("child", null));
    run.see(llmSpan().run("child", "run-1"));

    assertThat(run.state.nodes.get("child").parentRunId).isEqualTo("run-1");
  }

  private static void explode(RunUnderTest run, String tool, int calls) {
    explodeAt(run, tool, calls, 0);
  }

  private static void explodeAt(RunUnderTest run, String tool, int calls, long minute) {
    for (int i = 0; i < calls; i++) {
      run.see(toolCall(tool).signature(run.state == null ? 0 : run.state.spans).minute(minute));
    }
  }

  private static ScopeKey scope(Dimension dimension, String value) {
    return new ScopeKey(dimension, "acme", value);
  }

  private static String defaultPolicies() throws IOException {
    try (InputStream in =
        RunJudge.class.getResourceAsStream("/io/fuseline/policies/default-policies.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldKeepAThrottleThroughItsCooldownAndUntilTheMeasureHasFallen() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: search
            rule: {type: tool-call-explosion, window: 2m, floor_calls: 10}
            ladder:
              - {rising: 10x, falling: 2x, cooldown: 5m, action: throttle, caps: {cooldown_ms: 1000}}
            """);
    run.see(10, toolCall("search").minute(0));
    run.see(llmSpan().minute(3)); // calm, but cooling
    run.see(3, toolCall("search").minute(4));
    run.see(llmSpan().minute(5)); // cooled, and under half of 10x, but over 2x
    assertThat(run.actions()).containsExactly(Action.THROTTLE);

    run.see(llmSpan().minute(6));
    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
  }
}
