package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Dimension;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Budgets of what one success costs. */
class OutcomeBudgetsTest {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String TICKETS =
      """
      id: tickets
      rule: {type: budget, per: workflow, of: cost-per-outcome, outcome: ticket_resolved, window: %s, limit: "2", min_spend: "20", min_attempts: 5}
      ladder: [{at: 80%%, action: alert, severity: info}, {at: 100%%, action: pause}]
      """;

  private final ScopeUnderTest workflow =
      new ScopeUnderTest(Dimension.WORKFLOW, "support", TICKETS.formatted("24h"));

  @Example
  void shouldNotJudgeTheFirstAttemptsThatAreStillOpen() {
    workflow.spends("19.99", TEN_O_CLOCK);

    assertThat(workflow.alerts).isEmpty();
  }

  @Example
  void shouldStopAWorkflowThatSpendsOnAttemptsThatNeverEnd() {
    workflow.spends("19.99", TEN_O_CLOCK).spends("0.01", TEN_O_CLOCK + 1);

    assertThat(workflow.actions()).containsExactly(Action.PAUSE);
    Alert alert = workflow.alerts.get(0);
    assertThat(alert.getEvidence().getMeasured()).isEqualTo("20.000000000000");
    assertThat(alert.getEvidence().getUnit()).isEqualTo("USD per ticket_resolved");
    assertThat(alert.getEvidence().getSummary())
        .isEqualTo(
            "Workflow support has spent 20.00 USD within 24h and achieved ticket_resolved 0 times"
                + " (0 failed): 20.00 USD each, 100% of its limit of 2.00 reached; open attempts"
                + " are counted.");
    assertThat(alert.getEvidence().getDetails())
        .contains(Map.entry("successes", "0"), Map.entry("failures", "0"));
  }

  @Example
  void shouldCountWhatFailedAttemptsCost() {
    workflow.spends("9", TEN_O_CLOCK);
    for (int i = 0; i < 4; i++) {
      workflow.see(outcome("ticket_resolved", i % 2, 1 - i % 2, TEN_O_CLOCK + i));
    }
    assertThat(workflow.alerts).isEmpty(); // 4.50 each, by 4 attempts only

    workflow.see(outcome("ticket_resolved", 0, 1, TEN_O_CLOCK + 5));

    assertThat(workflow.actions()).containsExactly(Action.PAUSE);
    assertThat(workflow.alerts.get(0).getEvidence().getMeasured()).isEqualTo("4.500000000000");
  }

  @Example
  void shouldLetGoOnceASuccessCostsATenthLess() {
    workflow.spends("20", TEN_O_CLOCK);
    workflow.see(outcome("ticket_resolved", 12, 0, TEN_O_CLOCK + 1)); // 1.67
    assertThat(workflow.actions()).containsExactly(Action.PAUSE);

    workflow.see(outcome("ticket_resolved", 2, 0, TEN_O_CLOCK + 2)); // 1.43, under 90 % of 1.60

    assertThat(workflow.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(workflow.alerts.get(workflow.alerts.size() - 1).getEvidence().getSummary())
        .startsWith("A success costs less again.");
  }

  @Example
  void shouldNotCountOutcomesOfAnotherType() {
    workflow.spends("10", TEN_O_CLOCK).see(outcome("lead_won", 50, 0, TEN_O_CLOCK + 1));
    workflow.spends("10", TEN_O_CLOCK + 2);

    assertThat(workflow.actions()).containsExactly(Action.PAUSE);
  }

  @Example
  void shouldForgetWhatHasLeftTheWindow() {
    workflow.apply(TICKETS.formatted("1h"));
    workflow.spends("15", TEN_O_CLOCK).spends("15", TEN_O_CLOCK + 70 * MINUTE);

    assertThat(workflow.alerts).isEmpty();
  }

  @Example
  void shouldCountASuccessOfAnHourThatBeginsWithIt() {
    workflow.apply(TICKETS.formatted("hour"));
    workflow.spends("1", TEN_O_CLOCK);
    workflow.see(outcome("ticket_resolved", 20, 0, TEN_O_CLOCK + 61 * MINUTE));

    workflow.spends("25", TEN_O_CLOCK + 62 * MINUTE); // 1.25 each

    assertThat(workflow.alerts).isEmpty();
  }

  @Example
  void shouldOnlyJudgeTheTypeThatABudgetPerOutcomeIsOf() {
    String policy =
        """
        id: each
        rule: {type: budget, per: outcome, of: cost-per-outcome, outcome: lead_won, window: day, limit: "1", min_spend: "1"}
        ladder: [{at: 100%, action: alert}]
        """;
    var leads = new ScopeUnderTest(Dimension.OUTCOME, "lead_won", policy);
    var tickets = new ScopeUnderTest(Dimension.OUTCOME, "ticket_resolved", policy);

    leads.spends("3", TEN_O_CLOCK);
    tickets.spends("3", TEN_O_CLOCK);

    assertThat(leads.alertStates()).containsExactly("OPEN ALERT");
    assertThat(tickets.alerts).isEmpty();
  }

  @Example
  void shouldTellMoreTypesThanAreKeptApartLeniently() {
    for (int i = 0; i < OutcomeCounts.MAX_TYPES; i++) {
      workflow.see(outcome("other-" + i, 1, 0, TEN_O_CLOCK));
    }
    workflow.see(outcome("ticket_resolved", 20, 0, TEN_O_CLOCK)).spends("25", TEN_O_CLOCK + 1);

    assertThat(workflow.alerts).isEmpty();
    assertThat(workflow.state.total.successes()).isEqualTo(OutcomeCounts.MAX_TYPES + 20L);
  }

  /** The measure is that of the whole window, whatever the order its parts came in. */
  @Property(tries = 200)
  void shouldMeasureWhatTheWholeWindowHolds(@ForAll("days") List<Delta> day) {
    var scope = new ScopeUnderTest(Dimension.WORKFLOW, "support", TICKETS.formatted("day"));
    day.forEach(scope::see);

    BigDecimal spent = BigDecimal.ZERO;
    long successes = 0;
    long attempts = 0;
    for (Delta delta : day) {
      spent = spent.add(BigDecimal.valueOf(delta.cost(), Amount.SCALE));
      if (delta.achieved() != null && delta.achieved().type().equals("ticket_resolved")) {
        successes += delta.achieved().successes();
        attempts += delta.achieved().successes() + delta.achieved().failures();
      }
    }
    BigDecimal each =
        spent.divide(
            BigDecimal.valueOf(Math.max(1, successes)), Amount.SCALE, RoundingMode.HALF_EVEN);
    boolean enough = attempts >= 5 || spent.compareTo(new BigDecimal("20")) >= 0;
    boolean begun = day.stream().anyMatch(delta -> delta.achieved() == null);
    boolean over = begun && enough && each.compareTo(new BigDecimal("2")) >= 0;
    Episode open = scope.state.episodes.openFor("tickets");
    if (over) {
      assertThat(open).isNotNull();
      assertThat(open.sent).isEqualTo(Action.PAUSE);
    } else if (begun && each.compareTo(new BigDecimal("1.44")) < 0) {
      assertThat(open).isNull();
    }
  }

  @Provide
  Arbitrary<List<Delta>> days() {
    Arbitrary<Long> time =
        Arbitraries.longs().between(0, 120).map(minute -> TEN_O_CLOCK + minute * MINUTE);
    Arbitrary<Delta> spend =
        Combinators.combine(Arbitraries.integers().between(0, 900), time)
            .as(
                (cents, at) ->
                    ScopeUnderTest.spend(cents / 100 + "." + "%02d".formatted(cents % 100), at));
    Arbitrary<Delta> outcome =
        Combinators.combine(
                Arbitraries.of("ticket_resolved", "ticket_resolved", "lead_won"),
                Arbitraries.integers().between(0, 2),
                Arbitraries.integers().between(0, 2),
                time)
            .as(OutcomeBudgetsTest::outcome);
    return Arbitraries.oneOf(spend, outcome).list().ofMinSize(1).ofMaxSize(30);
  }

  static Delta outcome(String type, int successes, int failures, long eventMicros) {
    return new Delta(
        Delta.Cause.OUTCOME,
        eventMicros,
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
        null,
        Delta.Presence.UNCHANGED,
        null,
        0,
        null,
        new Achieved(type, successes, failures, 0));
  }
}
