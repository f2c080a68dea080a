package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.PolicyMode;
import org.junit.jupiter.api.Test;

class RunDetectorsTest {
  private static final String LOOP =
      """
      id: loop
      rule: {type: loop, ignore_tools: [wait]}
      ladder: [{at: 20, action: alert}, {at: 40, action: throttle, caps: {cooldown_ms: 10}}, {at: 60, action: pause}]
      """;

  private int news = 1_000;

  @Test
  void shouldClimbOnceAndComeDownOnceWhenALoopEnds() {
    RunUnderTest run = run(LOOP);
    for (int call = 0; call < 16; call++) {
      run.see(toolCall("search").called(7, 7));
    }
    assertThat(run.alertStates()).containsExactly("OPEN ALERT", "ESCALATED THROTTLE");

    for (int call = 0; call < 40; call++) {
      run.see(toolCall("read").called(++news, news));
    }

    assertThat(run.alertStates())
        .containsExactly("OPEN ALERT", "ESCALATED THROTTLE", "CLOSED THROTTLE");
    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.RESTORE);
    assertThat(run.alerts.get(0).getEvidence().getSummary())
        .isEqualTo(
            "Agent coder, run run-1: calls bring little that is new, 21 points (last: search); 0.00 USD spent.");
    assertThat(run.alerts.get(0).getEvidence().getSpanIds()).hasSize(8).contains("span-7");
  }

  @Test
  void shouldNotFlapBetweenHalfAndTheFirstRung() {
    RunUnderTest run = run(LOOP);
    for (int call = 0; call < 8; call++) {
      run.see(toolCall("search").called(7, 7));
    }
    for (int round = 0; round < 20; round++) {
      run.see(toolCall("read").called(++news, news));
      run.see(toolCall("read").called(++news, news));
      run.see(toolCall("search").called(7, 7));
      run.see(toolCall("list").called(++news, 8)); // the same result as before
    }

    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
  }

  @Test
  void shouldSeeALoopThatGoesOnInEverNewSubAgents() {
    RunUnderTest run = run(LOOP);
    for (int child = 0; child < 12; child++) {
      for (int call = 0; call < 4; call++) {
        run.see(toolCall("read").run("child-" + child, "run-1").called(call, call + 1));
      }
    }

    assertThat(run.actions()).containsExactly(Action.THROTTLE, Action.PAUSE);
    assertThat(run.commands.get(1).getEvidence().getDetails()).containsEntry("across_runs", "true");
    assertThat(run.state.nodes.get("child-3").window.points()).isZero();
  }

  @Test
  void shouldLeaveIgnoredToolsOutOfTheSequence() {
    RunUnderTest run = run(LOOP);
    for (int call = 0; call < 200; call++) {
      run.see(toolCall("wait").called(1, 1));
    }

    assertThat(run.alerts).isEmpty();
    assertThat(run.state.nodes.get("run-1").window).isNull();
  }

  @Test
  void shouldSendNoCommandInTheShadow() {
    RunUnderTest run = run(LOOP.replace("rule:", "mode: shadow\nrule:"));
    for (int call = 0; call < 40; call++) {
      run.see(toolCall("search").called(7, 7));
    }

    assertThat(run.commands).isEmpty();
    assertThat(run.alerts).hasSize(3).allMatch(alert -> alert.getMode() == PolicyMode.SHADOW);
  }

  @Test
  void shouldKeepNoWindowWithoutAPolicyThatAsksForOne() {
    RunUnderTest run =
        run("id: b\nrule: {type: run-bound, of: runs}\nladder: [{at: 9, action: alert}]\n");
    run.see(toolCall("search").called(7, 7)).see(llmSpan());

    assertThat(run.state.nodes.get("run-1").window).isNull();
    assertThat(run.state.nodes.get("run-1").trend).isNull();
  }

  @Test
  void shouldCountTheSameCallAmongTheNewest() {
    RunUnderTest run = run(sign("repeated-call, within_calls: 8", 3));
    for (int round = 0; round < 4; round++) {
      run.see(toolCall("test").called(7, ++news));
      for (int other = 0; other < 4; other++) {
        run.see(toolCall("edit").called(++news, news));
      }
    }
    assertThat(run.alerts).isEmpty();

    run.see(toolCall("test").called(7, ++news)).see(toolCall("test").called(7, ++news));

    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
    assertThat(run.alerts.get(0).getEvidence().getMeasured()).isEqualTo("3");
  }

  @Test
  void shouldCountTurnsOfTwoCallsWhoseResultsDiffer() {
    RunUnderTest run = run(sign("alternation", 4));
    for (int turn = 0; turn < 3; turn++) {
      run.see(toolCall("edit").called(1, ++news)).see(toolCall("test").called(2, ++news));
    }
    assertThat(run.alerts).isEmpty();

    run.see(toolCall("edit").called(1, ++news)).see(toolCall("test").called(2, ++news));

    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
  }

  @Test
  void shouldCountCallsWithoutANewResult() {
    RunUnderTest run = run(sign("no-progress", 6));
    for (int call = 0; call < 6; call++) {
      run.see(toolCall("search").called(++news, 5));
    }
    assertThat(run.alerts).isEmpty();

    run.see(toolCall("search").called(++news, 5));

    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
  }

  @Test
  void shouldTellOfModelCallsThatReadMoreAndSayLess() {
    RunUnderTest run =
        run("id: g\nrule: {type: growing-input}\nladder: [{at: 5, action: alert}]\n");
    for (int call = 0; call < 4; call++) {
      run.see(llmSpan().signs(tokens(1_000 + call, 500 - call)));
    }
    assertThat(run.alerts).isEmpty();

    run.see(llmSpan().signs(tokens(2_000, 100)));
    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
    assertThat(run.alerts.get(0).getEvidence().getDetails())
        .containsEntry("input_tokens", "2000")
        .containsEntry("output_tokens", "100");

    run.see(llmSpan().signs(tokens(2_100, 400)));
    assertThat(run.alertStates()).containsExactly("OPEN ALERT", "CLOSED ALERT");
  }

  @Test
  void shouldTellOfARunThatThinksAndSaysLittle() {
    RunUnderTest run =
        run(
            "id: r\nrule: {type: reasoning-share, floor_tokens: 1000}\nladder: [{at: 95%, action: alert}]\n");
    run.see(llmSpan().signs(new SpanSigns(false, 0, 0, 0, null, 10, 1_000, 940, 0, null)));
    assertThat(run.alerts).isEmpty();

    run.see(llmSpan().signs(new SpanSigns(false, 0, 0, 0, null, 10, 4_000, 3_990, 0, null)));

    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
    assertThat(run.alerts.get(0).getEvidence().getThreshold()).isEqualTo("95");
  }

  @Test
  void shouldTellOfARunThatWentSilentWithWorkOpenAndTakeItBackWhenItGoesOn() {
    RunUnderTest run =
        run("id: a\nrule: {type: abandoned-run}\nladder: [{at: 1, action: alert}]\n");
    run.see(llmSpan().id("done").start()).see(llmSpan().id("done"));
    run.goSilent();
    assertThat(run.alerts).isEmpty();

    run.see(llmSpan().id("hangs").start()).see(llmSpan().id("hangs").snapshot().costs("0.10"));
    run.goSilent();
    assertThat(run.alertStates()).containsExactly("OPEN ALERT");
    assertThat(run.alerts.get(0).getEvidence().getSummary())
        .isEqualTo(
            "Run run-1 of agent coder has gone silent with 1 spans that have not ended; 0.10 USD spent.");

    run.see(llmSpan().id("hangs").costs("0.20"));
    assertThat(run.alertStates()).containsExactly("OPEN ALERT", "CLOSED ALERT");
    run.goSilent();
    assertThat(run.alerts).hasSize(2);
  }

  private static SpanSigns tokens(long input, long output) {
    return new SpanSigns(false, 0, 0, 0, null, input, output, 0, 0, null);
  }

  private static String sign(String rule, int at) {
    return "id: s\nrule: {type: %s}\nladder: [{at: %d, action: alert}]\n".formatted(rule, at);
  }

  private static RunUnderTest run(String policies) {
    return new RunUnderTest(policies).storedBetweenSpans();
  }
}
