package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One root run with its judge, its kept spans and all that followed, as the shell around it would
 * hold them.
 */
final class RunUnderTest {
  final List<Command> commands = new ArrayList<>();
  final List<Alert> alerts = new ArrayList<>();
  final Map<ScopeKey, Amount> scopes = new HashMap<>();
  RunJudge.Result last;
  RunState state;

  private final RunJudge judge;
  private final Map<String, SpanRecord> kept = new HashMap<>();
  private PolicySet policies;
  private Baselines baselines = Baselines.none();
  private boolean storesBetweenSpans;
  private int ids;
  private byte[] committedState;
  private Map<String, SpanRecord> committedKept = Map.of();
  private long clockBehindMicros;

  RunUnderTest(String policies) {
    this(policies, Raises.none());
  }

  RunUnderTest(String policies, Raises raises) {
    this.judge = new RunJudge("USD", raises);
    this.policies = policySet(policies);
  }

  static PolicySet policySet(String yaml) {
    return PolicySet.of(
        PolicyFile.parse(yaml, "test.yaml").stream().map(ParsedPolicy::policy).toList());
  }

  /** The state goes through its bytes after every span, as it does in a store without a cache. */
  RunUnderTest storedBetweenSpans() {
    storesBetweenSpans = true;
    return this;
  }

  RunUnderTest usually(String agent, String tool, long callsPerMinute) {
    baselines =
        (tenant, whose, which) ->
            whose.equals(agent) && which.equals(tool) ? callsPerMinute * 1000 : 0;
    return this;
  }

  void apply(String yaml) {
    policies = policySet(yaml);
  }

  /** Sees the span; gives it an id when it has none. */
  RunUnderTest see(SpanDraft draft) {
    if (draft.spanId() == null) {
      draft.id("span-" + ids++);
    }
    SpanFacts span = draft.facts();
    if (state == null) {
      state = judge.open(span);
    }
    Verdicts verdicts = new Verdicts();
    last =
        judge.onSpan(
            state,
            kept.get(span.spanId()),
            false,
            span,
            policies,
            baselines,
            span.eventMicros() + clockBehindMicros,
            verdicts);
    if (last.disposition() == RunJudge.Disposition.BOOKED) {
      kept.put(span.spanId(), last.record());
      Deltas.of(
          last,
          span,
          (key, delta) -> scopes.computeIfAbsent(key, k -> new Amount()).add(delta.cost()));
    }
    take(verdicts);
    return this;
  }

  RunUnderTest see(int times, SpanDraft draft) {
    for (int i = 0; i < times; i++) {
      see(draft.id("span-" + ids++));
    }
    return this;
  }

  /** What was seen so far survives a crash. */
  void commit() {
    committedState = state.toBytes();
    committedKept = Map.copyOf(kept);
  }

  /** Falls back to what was committed; the same spans are then seen again, an hour later. */
  void crash() {
    state = committedState == null ? null : RunState.fromBytes(committedState);
    kept.clear();
    kept.putAll(committedKept);
    clockBehindMicros += 60 * Times.MICROS_PER_MINUTE;
  }

  /** A decision has come. */
  RunUnderTest decide() {
    Verdicts verdicts = new Verdicts();
    judge.onDecisions(state, "run-1", policies, state.lastSeen, verdicts);
    take(verdicts);
    return this;
  }

  /** Somebody looks at the run, at an instant of the wall clock. */
  RunUnderTest decide(long nowMicros) {
    Verdicts verdicts = new Verdicts();
    judge.onDecisions(state, "run-1", policies, nowMicros, verdicts);
    take(verdicts);
    return this;
  }

  RunUnderTest goSilent() {
    Verdicts verdicts = new Verdicts();
    judge.onIdle(state, "run-1", policies, state.lastSeen, verdicts);
    take(verdicts);
    return this;
  }

  private void take(Verdicts verdicts) {
    commands.addAll(verdicts.commands());
    alerts.addAll(verdicts.alerts());
    if (storesBetweenSpans) {
      state = RunState.fromBytes(state.toBytes());
      kept.replaceAll((id, record) -> SpanRecord.fromBytes(record.toBytes()));
    }
  }

  List<Action> actions() {
    return commands.stream().map(Command::getAction).toList();
  }

  Command command(Action action) {
    return commands.stream()
        .filter(command -> command.getAction() == action)
        .findFirst()
        .orElseThrow();
  }

  List<String> alertStates() {
    return alerts.stream().map(alert -> alert.getState() + " " + alert.getAction()).toList();
  }
}
