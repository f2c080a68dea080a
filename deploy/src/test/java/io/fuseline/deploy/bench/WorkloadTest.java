package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final int SPANS = 20_000;
  private static final Instant FROM = Instant.parse("2026-01-02T03:00:00Z");
  private static final Instant TO = FROM.plus(Duration.ofMinutes(10));

  private static List<AgentSpan> spans() {
    List<AgentSpan> spans = new ArrayList<>();
    new Workload(7, WorkloadShape.DEFAULT, "run", SPANS, FROM, TO).forEachRemaining(spans::add);
    return spans;
  }

  @Test
  void shouldBeTheSameWhenSeedIsTheSame() {
    assertThat(spans()).isEqualTo(spans());
  }

  @Test
  void shouldNameEachSpanOnceWhenManyAreMade() {
    assertThat(spans()).extracting(AgentSpan::getSpanId).hasSize(SPANS).doesNotHaveDuplicates();
  }

  @Test
  void shouldStayWithinItsTimeWhenMade() {
    assertThat(spans())
        .allSatisfy(span -> assertThat(span.getEndTime()).isBetween(FROM, TO))
        .extracting(AgentSpan::getEndTime)
        .isSorted();
  }

  @Test
  void shouldKeepOneAgentPerRunWhenRunsAreMixed() {
    Map<String, List<AgentSpan>> byRun =
        spans().stream().collect(Collectors.groupingBy(AgentSpan::getRootRunId));

    assertThat(byRun.values())
        .allSatisfy(
            run ->
                assertThat(run)
                    .extracting(AgentSpan::getAgentId)
                    .containsOnly(run.get(0).getAgentId()))
        .allSatisfy(run -> assertThat(run).hasSizeLessThanOrEqualTo(90));
  }

  @Test
  void shouldBeginEachRunFirstWhenManyAreUnderWay() {
    WorkloadShape shape = new WorkloadShape(5_000, 20, 0);
    Workload workload = new Workload(7, shape, "run", SPANS, FROM, TO);
    List<String> first = new ArrayList<>();
    for (int span = 0; span < shape.runsAtOnce(); span++) {
      first.add(workload.next().getRootRunId());
    }

    assertThat(first).doesNotHaveDuplicates();
    assertThat(workload.runs()).isEqualTo(shape.runsAtOnce());
  }

  @Test
  void shouldGiveBusiestAgentAManyFoldShareWhenSkewed() {
    Map<String, Long> byAgent =
        spans().stream()
            .collect(Collectors.groupingBy(AgentSpan::getAgentId, Collectors.counting()));

    assertThat(byAgent.get("agent-0")).isGreaterThan(SPANS / 10);
    assertThat(byAgent).hasSizeGreaterThan(100);
    assertThat(Collections.min(byAgent.values())).isLessThan(SPANS / 200);
  }
}
