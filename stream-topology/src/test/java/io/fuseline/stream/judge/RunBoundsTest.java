package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import org.junit.jupiter.api.Test;

class RunBoundsTest {

  @Test
  void shouldPauseAtTheBoundInToolCallsAndNotBefore() {
    RunUnderTest run = bound("tool-calls", 5);
    for (int call = 0; call < 4; call++) {
      run.see(toolCall("search").signature(call));
    }
    assertThat(run.actions()).isEmpty();

    run.see(toolCall("read").run("child", "run-1").signature(9));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
    assertThat(run.commands.get(0).getEvidence())
        .satisfies(
            evidence -> {
              assertThat(evidence.getRule()).isEqualTo("run-bound");
              assertThat(evidence.getMeasured()).isEqualTo("5");
              assertThat(evidence.getUnit()).isEqualTo("tool-calls");
              assertThat(evidence.getSummary())
                  .isEqualTo(
                      "Root run run-1 of agent coder has come to 5 tool calls; 0.00 USD spent.");
            });
  }

  @Test
  void shouldCountHowDeepAChainOfRunsGoes() {
    RunUnderTest run = bound("depth", 3);
    run.see(llmSpan());
    run.see(llmSpan().run("a", "run-1"));
    run.see(llmSpan().run("b", "run-1"));
    assertThat(run.actions()).isEmpty();

    run.see(llmSpan().run("c", "b"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldEndWhenRunsNameEachOtherAsParents() {
    RunUnderTest run = bound("depth", 900);
    run.see(llmSpan().run("a", "b"));
    run.see(llmSpan().run("b", "a"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldCountWhatOneRunStartedAndNotTheWholeTree() {
    RunUnderTest run = bound("fan-out", 3);
    run.see(llmSpan());
    run.see(llmSpan().run("a", "run-1"));
    run.see(llmSpan().run("b", "run-1"));
    run.see(llmSpan().run("c", "b"));
    run.see(llmSpan().run("d", "b"));
    assertThat(run.actions()).isEmpty();

    run.see(llmSpan().run("e", "b"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldCountTheRunsOfTheTree() {
    RunUnderTest run = bound("runs", 3);
    run.see(llmSpan());
    run.see(llmSpan().run("a", "run-1"));
    assertThat(run.actions()).isEmpty();

    run.see(llmSpan().run("b", "a"));

    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  private static RunUnderTest bound(String of, int at) {
    return new RunUnderTest(
            """
            id: bound
            rule: {type: run-bound, of: %s}
            ladder: [{at: %d, action: pause}]
            """
                .formatted(of, at))
        .storedBetweenSpans();
  }
}
