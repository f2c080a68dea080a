package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fuseline.deploy.bench.LatencySpans.Follows;
import io.fuseline.deploy.bench.LatencySpans.Shot;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.stream.policy.PolicyFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencySpansTest {
  private static final int SECONDS = 4;

  private final List<AgentSpan> spans = new ArrayList<>();

  private List<Shot> shots(int perSecond) {
    return new LatencySpans(
            span -> {
              spans.add(span);
              return new byte[0];
            })
        .next(Instant.parse("2026-01-02T03:00:00Z"), perSecond, Duration.ofSeconds(SECONDS));
  }

  private List<AgentSpan> of(String run) {
    return spans.stream().filter(span -> span.getRunId().equals(run)).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 8_000, 10_000})
  void shouldWaitForKillOfRunsThatRepeatCallThreeTimesWhateverTheRate(int perSecond) {
    List<Shot> shots = shots(perSecond);

    List<String> killed =
        shots.stream().filter(shot -> shot.follows() == Follows.KILL).map(Shot::run).toList();
    assertThat(shots).hasSize(perSecond * SECONDS).hasSameSizeAs(spans);
    assertThat(killed)
        .hasSizeBetween(Math.min(perSecond / 20, 40) * SECONDS, 70 * SECONDS)
        .doesNotHaveDuplicates()
        .allSatisfy(
            run -> {
              assertThat(of(run)).hasSize(3);
              assertThat(of(run))
                  .extracting(span -> tuple(span.getToolName(), span.getArgumentHash()))
                  .containsOnly(tuple("search", of(run).get(0).getArgumentHash()));
            });
  }

  @Test
  void shouldAskForRunsOfTheirOwnAgentAndWorkflowWhenProbing() {
    List<String> asked =
        shots(1_000).stream()
            .filter(shot -> shot.follows().name().startsWith("ANSWER"))
            .map(Shot::run)
            .toList();

    assertThat(asked)
        .hasSizeBetween(3 * SECONDS, 5 * SECONDS)
        .allSatisfy(
            name ->
                assertThat(of(name))
                    .singleElement()
                    .returns(name, AgentSpan::getAgentId)
                    .returns(name, AgentSpan::getWorkflow)
                    .returns(SpanKind.TOOL, AgentSpan::getKind));
  }

  @Test
  void shouldBeSoundWhenTheRuleOnAgentsIsRead() {
    assertThat(PolicyFile.parse(LatencySpans.AGENT_RULE, "bench")).hasSize(1);
  }
}
