package io.fuseline.deploy.backtest;

import static io.fuseline.deploy.replay.SpanScript.at;
import static io.fuseline.deploy.replay.SpanScript.spend;
import static io.fuseline.deploy.replay.SpanScript.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fuseline.deploy.replay.ReplayInputException;
import io.fuseline.deploy.replay.SpanScript;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BacktestTest {
  private static final String LOOPS =
      """
      id: loops
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      """;

  private static final long DAY_SECONDS = 86_400;

  @TempDir Path folder;

  private final List<AgentSpan> spans = new ArrayList<>();

  /** Fails in the end, and would have been stopped at its third round, after 2 of 10 USD. */
  private void aLoop() {
    for (int round = 0; round < 10; round++) {
      spans.add(toolCall("loop", "loop-call-" + round, 2L * round, "search", 1, 2));
      spans.add(spend("loop", "loop-model-" + round, 2L * round + 1, 1));
    }
    last().setStatus(SpanStatus.ERROR);
  }

  private void aRun(String id, int dollars, SpanStatus end) {
    for (int i = 0; i < dollars; i++) {
      spans.add(spend(id, id + "-" + i, 100 + i, 1));
    }
    last().setStatus(end);
  }

  private AgentSpan last() {
    return spans.get(spans.size() - 1);
  }

  private void aLoopAnOverspendAndHealthyRuns() {
    aLoop();
    aRun("overspend", 8, SpanStatus.ERROR);
    aRun("large-but-healthy", 4, SpanStatus.OK);
    aRun("small-and-healthy", 2, SpanStatus.OK);
  }

  @Test
  void shouldAddUpWhatIsSpentAfterEachStop() throws IOException {
    aLoopAnOverspendAndHealthyRuns();

    BacktestReport report = backtest(LOOPS, LOOPS + "---\n" + runCap("5"));

    assertThat(report.cost()).isEqualByComparingTo("24");
    assertThat(report.runs())
        .containsEntry(Ending.WELL, 2L)
        .containsEntry(Ending.BADLY, 2L)
        .containsEntry(Ending.NOT_TOLD, 0L);
    assertThat(report.baseline().total().saved()).isEqualByComparingTo("8");
    assertThat(report.candidate().total().saved()).isEqualByComparingTo("11");
    assertThat(report.candidate().total().workLost()).isZero();
    assertThat(report.candidate().stops())
        .extracting(StopReport::target, StopReport::policyId, StopReport::action, StopReport::at)
        .containsExactly(
            tuple("loop", "loops", Action.KILL, at(4)),
            tuple("overspend", "run-cap", Action.KILL, at(104)));
    assertThat(report.candidate().policies())
        .extracting(Tally::name, Tally::detector, tally -> Money.plain(tally.saved()))
        .containsExactly(tuple("loops", "exact-cycle", "8"), tuple("run-cap", "run-budget", "3"));
  }

  @Test
  void shouldCallWorkLostWhatARunThatEndedWellSpentAfterItsStop() throws IOException {
    aLoopAnOverspendAndHealthyRuns();

    BacktestReport report = backtest(runCap("5"), runCap("3"));

    assertThat(report.candidate().total().workLost()).isEqualByComparingTo("1");
    assertThat(report.candidate().total().runsThatEndedWell()).isEqualTo(1);
    assertThat(report.newlyStoppedRunsThatEndedWell()).containsExactly("large-but-healthy");
  }

  @Test
  void shouldTellNewStopsThoseGoneAndThoseAtAnotherTime() throws IOException {
    aLoopAnOverspendAndHealthyRuns();

    BacktestReport report =
        backtest(
            LOOPS + "---\n" + runCap("5"),
            "{id: none, rule: {type: loop}, ladder: [{at: 99, action: alert}]}\n---\n"
                + runCap("3"));

    assertThat(report.differences())
        .extracting(
            Difference::kind,
            difference -> difference.stop().target(),
            difference -> Money.plain(difference.moreSaved()),
            difference -> Money.plain(difference.moreWorkLost()))
        .containsExactly(
            tuple(Difference.Kind.NEW, "large-but-healthy", "0", "1"),
            tuple(Difference.Kind.CHANGED, "overspend", "2", "0"),
            tuple(Difference.Kind.CHANGED, "loop", "-1", "0"));
    assertThat(backtest(runCap("3"), runCap("5")).differences())
        .filteredOn(difference -> difference.kind() == Difference.Kind.GONE)
        .extracting(difference -> difference.stop().target())
        .containsExactly("large-but-healthy");
  }

  @Test
  void shouldBeWorseWhenItStopsOneMoreRunThatEndedWellOrSavesTooMuchLess() throws IOException {
    aLoopAnOverspendAndHealthyRuns();
    BacktestReport stricter = backtest(runCap("5"), runCap("3"));
    BacktestReport laxer = backtest(runCap("3"), runCap("5")); // saves 8 instead of 12

    assertThat(worse(stricter, FailOn.HEALTHY_STOPS, "0")).contains("large-but-healthy");
    assertThat(worse(stricter, FailOn.SAVES_LESS, "0")).isEmpty();
    assertThat(worse(stricter, FailOn.NEVER, "0")).isEmpty();
    assertThat(worse(laxer, FailOn.HEALTHY_STOPS, "0")).isEmpty();
    assertThat(worse(laxer, FailOn.SAVES_LESS, "33.3")).contains("saves 8 USD").contains("12 USD");
    assertThat(worse(laxer, FailOn.SAVES_LESS, "33.4")).isEmpty();
  }

  @Test
  void shouldBelieveAnOutcomeMoreThanTheLastSpan() throws IOException {
    aRun("looked-good", 4, SpanStatus.OK);
    aRun("looked-bad", 4, SpanStatus.ERROR);
    Path outcomes =
        Files.writeString(
            folder.resolve("outcomes.jsonl"),
            outcome("looked-good", false)
                + outcome("looked-bad", false)
                + "\n"
                + outcome("looked-bad", true));

    BacktestReport report = backtest(runCap("3"), runCap("3"), outcomes);

    assertThat(report.runsWithOutcome()).isEqualTo(2);
    assertThat(report.candidate().runsThatEndedWell()).containsExactly("looked-bad");
    assertThat(report.candidate().total().saved()).isEqualByComparingTo("1");
    assertThat(report.candidate().total().workLost()).isEqualByComparingTo("1");
  }

  @Test
  void shouldJudgeWhatASuccessCostsByTheOutcomesAsTheyCame() throws IOException {
    aRun("resolved", 3, SpanStatus.OK);
    aRun("open", 6, SpanStatus.OK);
    Path outcomes =
        Files.writeString(
            folder.resolve("outcomes.jsonl"),
            outcome("resolved", true).replace("13:00", "12:00")
                + outcome("open", true).replace("13:00", "14:00")); // after the last span
    String unitCost =
        """
        id: unit-cost
        rule: {type: budget, per: tenant, of: cost-per-outcome, window: day, limit: "5", min_attempts: 1}
        ladder: [{at: 100%, action: pause}]
        """;

    BacktestReport report = backtest(runCap("100"), unitCost, outcomes);

    assertThat(report.candidate().stops())
        .extracting(StopReport::policyId, StopReport::action)
        .containsExactly(tuple("unit-cost", Action.PAUSE));
    assertThat(report.baseline().stops()).isEmpty();
    assertThat(backtest(runCap("100"), unitCost).candidate().stops())
        .as("without outcomes nothing is known to have ended, and 10 limits are not spent")
        .isEmpty();
  }

  @Test
  void shouldRefuseAnOutcomeThatIsNoneWithFileLineAndField() throws IOException {
    aRun("run", 1, SpanStatus.OK);
    Path outcomes =
        Files.writeString(
            folder.resolve("outcomes.jsonl"),
            outcome("run", true) + outcome("run", true).replace("true", "\"yes\""));

    assertThatThrownBy(() -> backtest(runCap("3"), runCap("3"), outcomes))
        .isInstanceOf(ReplayInputException.class)
        .hasMessageContaining("outcomes.jsonl:2: ")
        .hasMessageContaining("success");
  }

  @Test
  void shouldNotTellHowARunEndedWhenNothingSaysSo() throws IOException {
    aRun("silent", 4, SpanStatus.UNSET);

    BacktestReport report = backtest(runCap("5"), runCap("3"));

    assertThat(report.runs()).containsEntry(Ending.NOT_TOLD, 1L);
    assertThat(report.candidate().total().saved()).isEqualByComparingTo("1");
    assertThat(report.newlyStoppedRunsThatEndedWell()).isEmpty();
  }

  @Test
  void shouldNotSaveACallThatHadBegunBeforeTheStop() throws IOException {
    spans.add(spend("run", "a", 10, 3));
    spans.add(spend("run", "in-flight", 20, 2));
    last().setStartTime(at(9));
    spans.add(spend("run", "later", 30, 1));
    last().setStartTime(at(10));

    BacktestReport report = backtest(LOOPS, runCap("3"));

    assertThat(report.candidate().total().saved()).isEqualByComparingTo("1");
  }

  @Test
  void shouldSaveWhatAnAgentSpendsUntilItsStopIsLifted() throws IOException {
    for (int run = 0; run < 4; run++) {
      spans.add(spend("run-" + run, "today-" + run, run, 1));
    }
    spans.add(spend("run-4", "tomorrow", DAY_SECONDS, 1));

    BacktestReport report =
        backtest(
            LOOPS,
            """
            id: agent-day
            rule: {type: budget, per: agent, window: day, limit: "2"}
            ladder: [{at: 100%, action: pause}]
            """);

    assertThat(report.candidate().stops())
        .singleElement()
        .satisfies(
            stop -> {
              assertThat(stop.target()).isEqualTo("worker");
              assertThat(stop.runs())
                  .extracting(StopReport.CutRun::rootRunId)
                  .containsExactly("run-2", "run-3");
              assertThat(stop.saved()).isEqualByComparingTo("2");
              assertThat(stop.liftedAt()).isBetween(at(DAY_SECONDS / 2), at(DAY_SECONDS));
            });
  }

  @Test
  void shouldCountWhatTwoStopsHoldBackOnlyOnce() throws IOException {
    aRun("run", 6, SpanStatus.ERROR);

    BacktestReport report =
        backtest(LOOPS, pauseAt("cap-3", "3", "run") + "---\n" + pauseAt("cap-4", "4", "agent"));

    assertThat(report.candidate().policies())
        .extracting(Tally::name, Tally::runsStopped, tally -> Money.plain(tally.saved()))
        .containsExactly(tuple("cap-3", 1L, "3"), tuple("cap-4", 1L, "0"));
    assertThat(report.candidate().total().saved()).isEqualByComparingTo("3");
    assertThat(report.candidate().total().runsStopped()).isEqualTo(1);
  }

  @Test
  void shouldSaveOnlyTheSubtreeWhenARunBelowTheRootIsStopped() throws IOException {
    spans.add(spend("root", "r1", 1, 1));
    spans.add(child("c1", 2, 3, "child", "root"));
    spans.add(child("g1", 3, 1, "grandchild", "child"));
    spans.add(spend("root", "r2", 4, 5));

    BacktestReport report =
        backtest(
            LOOPS,
            """
            id: subtree
            rule: {type: budget, per: subtree, limit: "3"}
            match: {agent: helper}
            ladder: [{at: 100%, action: kill}]
            """);

    assertThat(report.candidate().stops())
        .filteredOn(stop -> stop.target().equals("child"))
        .singleElement()
        .satisfies(stop -> assertThat(stop.saved()).isEqualByComparingTo("1"));
  }

  @Test
  void shouldOnlyTellOfStopsThatAPolicyInShadowDoesNotSend() throws IOException {
    aRun("run", 4, SpanStatus.OK);

    BacktestReport report = backtest(LOOPS, "mode: shadow\n" + runCap("3"));

    Tally total = report.candidate().total();
    assertThat(total.stops()).isZero();
    assertThat(total.stopsNotSent()).isEqualTo(1);
    assertThat(total.alerts()).isEqualTo(1);
    assertThat(total.workLost()).isZero();
  }

  @Test
  void shouldSaveNothingByAThrottle() throws IOException {
    aRun("run", 4, SpanStatus.ERROR);

    BacktestReport report =
        backtest(
            LOOPS,
            """
            id: slow
            rule: {type: budget, per: run, limit: "3"}
            ladder: [{at: 100%, action: throttle, caps: {cooldown_ms: 1000}}]
            """);

    assertThat(report.candidate().total().throttles()).isEqualTo(1);
    assertThat(report.candidate().total().stops()).isZero();
    assertThat(report.candidate().total().saved()).isZero();
  }

  @Test
  void shouldTellTheSpendOfEveryWindowExactly() throws IOException {
    aLoopAnOverspendAndHealthyRuns();

    BacktestReport report = backtest(LOOPS, runCap("3"));

    assertThat(report.spend().stream().map(BacktestReport.Spend::cost).reduce(BigDecimal::add))
        .hasValueSatisfying(sum -> assertThat(sum).isEqualByComparingTo(report.cost()));
    assertThat(
            report.spend().stream()
                .map(BacktestReport.Spend::afterCandidate)
                .reduce(BigDecimal::add))
        .hasValueSatisfying(
            sum ->
                assertThat(sum)
                    .isEqualByComparingTo(
                        report
                            .candidate()
                            .total()
                            .saved()
                            .add(report.candidate().total().workLost())));
  }

  @Test
  void shouldReportOfAFileWithoutSpans() throws IOException {
    BacktestReport report = backtest(LOOPS, runCap("3"));

    assertThat(report.spans()).isZero();
    assertThat(report.firstEvent()).isNull();
    assertThat(report.toJson().get("cost").textValue()).isEqualTo("0");
    assertThat(worse(report, FailOn.SAVES_LESS, "0")).isEmpty();
  }

  private static AgentSpan child(
      String id, long second, int dollars, String runId, String parentRunId) {
    AgentSpan span = spend("root", id, second, dollars);
    span.setRunId(runId);
    span.setParentRunId(parentRunId);
    span.setAgentId("helper");
    return span;
  }

  private static String runCap(String dollars) {
    return """
        id: run-cap
        rule: {type: budget, per: run, limit: "%s"}
        ladder: [{at: 100%%, action: kill}]
        """
        .formatted(dollars);
  }

  private static String pauseAt(String id, String dollars, String per) {
    return """
        id: %s
        rule: {type: budget, per: %s, %s limit: "%s"}
        ladder: [{at: 100%%, action: pause}]
        """
        .formatted(id, per, per.equals("run") ? "" : "window: day,", dollars);
  }

  private static String outcome(String run, boolean success) {
    return """
        {"outcome_id":"o","root_run_id":"%s","type":"ticket_resolved","success":%s,"occurred_at":"2026-03-02T13:00:00Z"}
        """
        .formatted(run, success);
  }

  private static String worse(BacktestReport report, FailOn on, String tolerance) {
    Set<FailOn> set = EnumSet.of(on);
    return String.join("; ", report.regressions(set, new BigDecimal(tolerance)));
  }

  private BacktestReport backtest(String baseline, String candidate) throws IOException {
    return backtest(baseline, candidate, null);
  }

  private BacktestReport backtest(String baseline, String candidate, Path outcomes)
      throws IOException {
    Path file = SpanScript.write(folder.resolve("spans.jsonl"), spans);
    Path before = Files.writeString(folder.resolve("baseline.yaml"), baseline);
    Path after = Files.writeString(folder.resolve("candidate.yaml"), candidate);
    return Backtest.with("default", before.toString(), after.toString(), outcomes)
        .run(file, new PrintWriter(new StringWriter()));
  }
}
