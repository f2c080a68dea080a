package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static io.fuseline.stream.judge.SpanDraft.llmSpan;
import static io.fuseline.stream.judge.SpanDraft.pico;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Temporary raises of caps. */
class RaisesTest {
  private static final long HOUR = 60 * Times.MICROS_PER_MINUTE;
  private static final String RUN_CAP =
      "{id: cap, rule: {type: budget, per: run, limit: 10}, ladder: [{at: 80%, action: alert}, {at: 100%, action: pause}]}";

  private static final long MINUTE = Times.MICROS_PER_MINUTE;
  private static final String DAILY_KILL =
      "{id: cap, rule: {type: budget, per: agent, limit: 10}, ladder: [{at: 100%, action: kill}]}";

  private final List<Raises.Raise> raises = new ArrayList<>();
  private final Raises book =
      (policyId, type, tenant, target, now) ->
          policyId.equals("cap") && tenant.equals("acme")
              ? raises.stream().filter(raise -> now < raise.untilMicros()).toList()
              : List.of();

  private void raise(String id, String usd, long untilMicros) {
    raise(id, usd, TEN_O_CLOCK, untilMicros);
  }

  private void raise(String id, String usd, long decidedMicros, long untilMicros) {
    raises.add(new Raises.Raise(id, pico(usd), decidedMicros, untilMicros, "ada", "quarter end"));
  }

  @Test
  void shouldMoveEveryRungUpByTheAmount() {
    raise("d-1", "5", TEN_O_CLOCK + HOUR);
    RunUnderTest run = new RunUnderTest(RUN_CAP, book);

    run.see(llmSpan().costs("12.99"));
    assertThat(run.alerts).isEmpty();
    run.see(llmSpan().costs("0.01"));
    assertThat(run.alertStates()).containsExactly("OPEN ALERT"); // 8 + 5
    run.see(llmSpan().costs("1.99"));
    assertThat(run.commands).isEmpty();
    run.see(llmSpan().costs("0.01"));
    assertThat(run.actions()).containsExactly(Action.PAUSE);
    assertThat(run.commands.get(0).getEvidence().getMeasured()).isEqualTo("15.000000000000");
    assertThat(run.commands.get(0).getEvidence().getDetails())
        .containsEntry("raised_by", "5.00")
        .containsEntry("decisions", "d-1");
  }

  @Test
  void shouldAddSeveralRaisesUpAndEndEachByItself() {
    raise("d-1", "5", TEN_O_CLOCK + HOUR);
    raise("d-2", "5", TEN_O_CLOCK + 2 * HOUR);
    RunUnderTest run = new RunUnderTest(RUN_CAP, book);

    run.see(llmSpan().costs("17"));
    assertThat(run.commands).isEmpty();
    run.see(llmSpan().minute(59).costs("0.01"));
    assertThat(run.commands).isEmpty();
    run.see(llmSpan().minute(60).costs("0.01")); // 17.02 against 10 + 5
    assertThat(run.actions()).containsExactly(Action.PAUSE);
  }

  @Test
  void shouldLetGoOfAPauseAtTheNextSpanOrWhenTheDecisionComes() {
    RunUnderTest run = new RunUnderTest(RUN_CAP, book).storedBetweenSpans();
    run.see(llmSpan().costs("10"));
    raise("d-1", "5", TEN_O_CLOCK + HOUR);

    run.decide();

    assertThat(run.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    assertThat(run.command(Action.RESTORE).getApprovedBy()).isEqualTo("ada (decision d-1)");
    assertThat(run.command(Action.RESTORE).getReverses())
        .isEqualTo(run.command(Action.PAUSE).getCommandId());
  }

  @Test
  void shouldSayWhatMayBeSpentAndUntilWhenOldSpansOpenNothingWhenItRestores() {
    ScopeUnderTest scope = ScopeUnderTest.agent(DAILY_KILL, book);
    scope.spends("12", TEN_O_CLOCK);
    raise("d-1", "5", TEN_O_CLOCK + 2 * HOUR);

    scope.clock(TEN_O_CLOCK + 1);

    Command restore = scope.commands.get(1);
    assertThat(scope.actions()).containsExactly(Action.KILL, Action.RESTORE);
    assertThat(restore.getReverses()).isEqualTo(scope.commands.get(0).getCommandId());
    assertThat(restore.getApprovedBy()).isEqualTo("ada (decision d-1)");
    assertThat(restore.getReason()).contains("raised by 5.00 USD").contains("quarter end");
    assertThat(restore.getEvidence().getDetails())
        .containsEntry("raised_by", "5.00")
        .containsEntry("headroom", "3.00") // 10 + 5 - 12
        .containsEntry("raised_until", "2026-05-04T12:00:00Z")
        .containsEntry("cooldown_until", "2026-05-04T10:15:00Z");
  }

  @Test
  void shouldOpenNothingForSpansOfBeforeTheDecisionWhileItCoolsDown() {
    ScopeUnderTest scope = ScopeUnderTest.agent(DAILY_KILL, book);
    scope.spends("10", TEN_O_CLOCK);
    raise("d-1", "5", TEN_O_CLOCK + MINUTE, TEN_O_CLOCK + HOUR);
    scope.clock(TEN_O_CLOCK + MINUTE);
    assertThat(scope.actions()).containsExactly(Action.KILL, Action.RESTORE);

    scope.spends("20", TEN_O_CLOCK + MINUTE - 1);
    assertThat(scope.actions()).hasSize(2);
    scope.spends("0.01", TEN_O_CLOCK + MINUTE); // new work, and its cap is long reached
    assertThat(scope.actions()).containsExactly(Action.KILL, Action.RESTORE, Action.KILL);
  }

  @Test
  void shouldJudgeSpansOfBeforeTheDecisionOnceItHasCooledDown() {
    ScopeUnderTest scope = ScopeUnderTest.agent(DAILY_KILL, book);
    scope.spends("10", TEN_O_CLOCK);
    raise("d-1", "5", TEN_O_CLOCK + MINUTE, TEN_O_CLOCK + HOUR);
    scope.clock(TEN_O_CLOCK + 16 * MINUTE);
    assertThat(scope.actions()).containsExactly(Action.KILL, Action.RESTORE);

    scope.spends("20", TEN_O_CLOCK + MINUTE - 1);

    assertThat(scope.actions()).containsExactly(Action.KILL, Action.RESTORE, Action.KILL);
  }

  @Test
  void shouldNotPauseARunAgainForSpansOfBeforeTheDecision() {
    for (String per : List.of("run", "subtree")) {
      raises.clear();
      RunUnderTest run = new RunUnderTest(RUN_CAP.replace("per: run", "per: " + per), book);
      run.see(llmSpan().costs("10"));
      raise("d-1", "5", TEN_O_CLOCK + MINUTE, TEN_O_CLOCK + HOUR);
      run.decide();

      run.see(llmSpan().second(59).costs("20"));
      assertThat(run.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
      run.see(llmSpan().second(60).costs("0.01"));
      assertThat(run.actions()).containsExactly(Action.PAUSE, Action.RESTORE, Action.PAUSE);
    }
  }

  @Test
  void shouldNotBringAKilledRunBack() {
    RunUnderTest run = new RunUnderTest(RUN_CAP.replace("pause", "kill"), book);
    run.see(llmSpan().costs("10"));
    raise("d-1", "5", TEN_O_CLOCK + HOUR);

    run.decide();

    assertThat(run.actions()).containsExactly(Action.KILL);
  }

  @Test
  void shouldRaiseNothingButMoney() {
    raise("d-1", "500", TEN_O_CLOCK + HOUR);
    RunUnderTest run =
        new RunUnderTest(
            "{id: cap, rule: {type: budget, per: run, of: tokens, limit: 10}, ladder: [{at: 100%, action: kill}]}",
            book);

    run.see(llmSpan().tokens(10));

    assertThat(run.actions()).containsExactly(Action.KILL);
  }

  @Test
  void shouldRaiseTheCapOfAScopeUntilItEnds() {
    String daily =
        "{id: cap, rule: {type: budget, per: agent, limit: 10}, ladder: [{at: 100%, action: pause}]}";
    ScopeUnderTest scope = ScopeUnderTest.agent(daily, book);
    scope.spends("10", TEN_O_CLOCK);
    raise("d-1", "2", TEN_O_CLOCK + HOUR);

    scope.clock(TEN_O_CLOCK + 1);
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE);
    scope.spends("1", TEN_O_CLOCK + HOUR - 1);
    assertThat(scope.actions()).hasSize(2);
    scope.spends("0.01", TEN_O_CLOCK + HOUR);
    assertThat(scope.actions()).containsExactly(Action.PAUSE, Action.RESTORE, Action.PAUSE);
  }

  @Test
  void shouldAskForTheTargetsOwnType() {
    List<TargetType> asked = new ArrayList<>();
    ScopeUnderTest.agent(
            "{id: cap, rule: {type: budget, per: agent, limit: 1}, ladder: [{at: 100%, action: pause}]}",
            (policyId, type, tenant, target, now) -> {
              asked.add(type);
              return List.of();
            })
        .spends("1", TEN_O_CLOCK);

    assertThat(asked).isNotEmpty().containsOnly(TargetType.AGENT);
  }
}
