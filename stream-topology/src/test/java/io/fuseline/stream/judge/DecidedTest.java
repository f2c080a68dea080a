package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.pico;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people decide about stops, and what follows when they do not. */
class DecidedTest {
  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String APPROVAL =
      """
      id: cap
      rule: {type: budget, per: run, limit: 10}
      ladder:
        - {at: 100%%, action: require-approval%s}
        - {at: 200%%, action: kill}
      """;

  private final List<Raises.Said> said = new ArrayList<>();
  private final List<Raises.Raise> raises = new ArrayList<>();
  private final Raises book =
      new Raises() {
        @Override
        public List<Raise> of(
            String policyId, TargetType type, String tenant, String target, long nowMicros) {
          return raises;
        }

        @Override
        public List<Said> said(String policyId, TargetType type, String tenant, String target) {
          return target.equals("run-1") && policyId.equals("cap") ? said : List.of();
        }
      };

  @Test
  void shouldLetARunGoOnWhenItIsApprovedAndStopItAtTheNextRung() {
    RunUnderTest run = asked("");
    say(DecisionType.APPROVE, "ada", null, TEN_O_CLOCK + MINUTE);

    run.decide(TEN_O_CLOCK + MINUTE);

    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.RESTORE);
    Command restore = run.commands.get(1);
    assertThat(restore.getApprovedBy()).isEqualTo("ada (decision d-1)");
    assertThat(restore.getReverses()).isEqualTo(run.commands.get(0).getCommandId());
    assertThat(restore.getReason()).isEqualTo("Approved by ada: because");

    run.see(llmSpan().minute(2).costs("5")); // still over the approved rung
    run.decide(TEN_O_CLOCK + 3 * MINUTE);
    assertThat(run.commands).hasSize(2);
    run.see(llmSpan().minute(4).costs("5"));
    assertThat(run.actions()).endsWith(Action.RESTORE, Action.KILL);
  }

  @Test
  void shouldDenyAsThePolicySays() {
    RunUnderTest run = asked(", denied: kill");
    say(DecisionType.DENY, "ada", run.commands.get(0).getCommandId(), 0);

    run.decide(TEN_O_CLOCK + MINUTE);
    run.decide(TEN_O_CLOCK + 2 * MINUTE);

    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.KILL);
    assertThat(run.commands.get(1).getReason()).isEqualTo("Denied by ada: because");
    assertThat(run.state.episodes.killed()).isTrue();
  }

  @Test
  void shouldDenyOnceWhatNobodyHasApprovedInTimeAndSayWhat() {
    RunUnderTest run = asked(", approval_timeout: 30m").storedBetweenSpans();

    run.decide(TEN_O_CLOCK + 30 * MINUTE - 1);
    assertThat(run.commands).hasSize(1);
    run.decide(TEN_O_CLOCK + 30 * MINUTE);
    run.decide(TEN_O_CLOCK + 31 * MINUTE);

    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.PAUSE);
    String asked = run.commands.get(0).getCommandId();
    Command pause = run.commands.get(1);
    assertThat(pause.getReason())
        .startsWith("Not approved until 2026-05-04T10:30:00Z what " + asked + " had asked for:");
    assertThat(pause.getEvidence().getDetails())
        .containsEntry("asked", asked)
        .containsEntry("approval_timeout", "PT30M");
    assertThat(pause.getEvidence().getThreshold()).isEqualTo("1");
    Alert told = run.alerts.get(run.alerts.size() - 1);
    assertThat(told.getCommandId()).isEqualTo(pause.getCommandId());

    say(DecisionType.RESTORE, "bob", null, TEN_O_CLOCK + 40 * MINUTE);
    run.decide(TEN_O_CLOCK + 40 * MINUTE);
    assertThat(run.actions()).endsWith(Action.PAUSE, Action.RESTORE);
    assertThat(run.commands.get(2).getReverses()).isEqualTo(pause.getCommandId());
  }

  @Test
  void shouldTakeTwoPeopleWhereThePolicySaysSo() {
    RunUnderTest run = asked(", approvers: 2");
    say(DecisionType.APPROVE, "ada", null, TEN_O_CLOCK + MINUTE);
    say(DecisionType.APPROVE, " Ada", null, TEN_O_CLOCK + MINUTE);
    run.decide(TEN_O_CLOCK + MINUTE);
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);

    say(DecisionType.APPROVE, "bob", null, TEN_O_CLOCK + 2 * MINUTE);
    run.decide(TEN_O_CLOCK + 2 * MINUTE);

    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.RESTORE);
    assertThat(run.commands.get(1).getApprovedBy()).isEqualTo("ada and bob (decision d-1, d-3)");
  }

  @Test
  void shouldNotTakeADecisionOfBeforeTheStopUnlessItNamesTheCommand() {
    say(DecisionType.RESTORE, "ada", null, TEN_O_CLOCK - MINUTE);
    RunUnderTest run = asked("");
    run.decide(TEN_O_CLOCK + MINUTE);
    assertThat(run.commands).hasSize(1);

    say(DecisionType.RESTORE, "ada", "cmd-of-another", TEN_O_CLOCK + MINUTE);
    run.decide(TEN_O_CLOCK + MINUTE);
    assertThat(run.commands).hasSize(1);
  }

  @Test
  void shouldRemindNobodyOnceAPersonHasAcknowledged() {
    RunUnderTest run = asked(", renotify: 1m");
    run.see(llmSpan().minute(1).costs("0.01"));
    assertThat(run.alerts).hasSize(2);
    say(DecisionType.ACKNOWLEDGE, "ada", null, TEN_O_CLOCK + MINUTE);

    run.decide(TEN_O_CLOCK + MINUTE).decide(TEN_O_CLOCK + MINUTE);
    run.see(llmSpan().minute(10).costs("0.01"));

    assertThat(run.alerts).hasSize(3);
    Alert known = run.alerts.get(2);
    assertThat(known.getSeverity()).isEqualTo(Severity.INFO);
    assertThat(known.getEvidence().getSummary()).isEqualTo("Acknowledged by ada: because");
    assertThat(run.commands).hasSize(1);
  }

  @Test
  void shouldLetAKilledRunRest() {
    RunUnderTest run = asked("");
    run.see(llmSpan().second(1).costs("10"));
    say(DecisionType.RESTORE, "ada", null, TEN_O_CLOCK + MINUTE);

    run.decide(TEN_O_CLOCK + MINUTE);

    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.KILL);
  }

  @Test
  void shouldAskForEachActionAgainOnceTheOneBeforeIsApproved() {
    RunUnderTest run =
        new RunUnderTest(
            """
            id: cap
            rule: {type: budget, per: run, of: action-value, limit: "10000"}
            ladder: [{at: 100%, action: require-approval}]
            """,
            book);
    run.see(llmSpan().tags(Map.of("declared_value", "12000")));
    run.see(llmSpan().second(1).tags(Map.of("declared_value", "13000")));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);

    say(DecisionType.APPROVE, "ada", null, TEN_O_CLOCK + MINUTE);
    run.decide(TEN_O_CLOCK + MINUTE);
    run.see(llmSpan().minute(2).tags(Map.of("declared_value", "5")));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL, Action.RESTORE);
    assertThat(run.commands.get(1).getApprovedBy()).isEqualTo("ada (decision d-1)");

    run.see(llmSpan().minute(3).tags(Map.of("declared_value", "14000")));
    assertThat(run.actions()).endsWith(Action.RESTORE, Action.REQUIRE_APPROVAL);
  }

  @Test
  void shouldRaiseByWhatTwoPeopleHaveAgreedTo() {
    raise("d-1", "50", "ada");
    raise("d-2", "5", "ada");
    RunUnderTest alone = asked(", approvers: 2");
    assertThat(alone.actions()).containsExactly(Action.REQUIRE_APPROVAL);

    raise("d-3", "4", "bob");
    RunUnderTest run = new RunUnderTest(APPROVAL.formatted(", approvers: 2"), book);
    run.see(llmSpan().costs("13.99"));
    assertThat(run.commands).isEmpty();
    run.see(llmSpan().second(1).costs("0.01"));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);
    assertThat(run.commands.get(0).getEvidence().getDetails()).containsEntry("raised_by", "4.00");
  }

  private RunUnderTest asked(String rung) {
    RunUnderTest run = new RunUnderTest(APPROVAL.formatted(rung), book);
    run.see(llmSpan().costs("10"));
    assertThat(run.actions()).containsExactly(Action.REQUIRE_APPROVAL);
    return run;
  }

  private void say(DecisionType type, String by, String commandId, long decidedMicros) {
    said.add(
        new Raises.Said("d-" + (said.size() + 1), type, commandId, decidedMicros, by, "because"));
  }

  private void raise(String id, String usd, String by) {
    raises.add(
        new Raises.Raise(
            id, pico(usd), TEN_O_CLOCK - MINUTE, TEN_O_CLOCK + 60 * MINUTE, by, "because"));
  }
}
