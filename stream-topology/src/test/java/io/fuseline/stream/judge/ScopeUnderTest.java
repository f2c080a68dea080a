package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Dimension;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One scope with its judge and its ledger; the clock stands at each delta's event time. */
final class ScopeUnderTest implements CellBook {
  final ScopeKey key;
  final Map<CellKey, Cell> cells = new HashMap<>();
  final List<Command> commands = new ArrayList<>();
  final List<Alert> alerts = new ArrayList<>();
  final List<Long> publishedMilli = new ArrayList<>();
  ScopeState state = new ScopeState();
  boolean inMinute;

  final ActiveRuns activeRuns = ActiveRuns.inMemory();
  private final ScopeJudge judge;
  private PolicySet policies;
  private long now;

  ScopeUnderTest(Dimension dimension, String value, String policies) {
    this(dimension, value, policies, Raises.none());
  }

  private ScopeUnderTest(Dimension dimension, String value, String policies, Raises raises) {
    this.judge = new ScopeJudge("USD", raises, activeRuns);
    this.key = new ScopeKey(dimension, "acme", value);
    this.policies = RunUnderTest.policySet(policies);
  }

  static ScopeUnderTest agent(String policies) {
    return new ScopeUnderTest(Dimension.AGENT, "coder", policies);
  }

  static ScopeUnderTest agent(String policies, Raises raises) {
    return new ScopeUnderTest(Dimension.AGENT, "coder", policies, raises);
  }

  void apply(String yaml) {
    policies = RunUnderTest.policySet(yaml);
  }

  static Delta spend(String usd, long eventMicros) {
    return delta(SpanDraft.pico(usd), eventMicros, "run-1", Delta.Presence.UNCHANGED, null, 0);
  }

  /** One model call of the agent. */
  static Delta modelCall(long pico, long eventMicros, ModelUse use) {
    return new Delta(
        Delta.Cause.SPAN,
        eventMicros,
        pico,
        pico,
        0,
        1,
        1,
        0,
        0,
        0,
        use.weightedTokens(),
        "run-1",
        "span-" + eventMicros,
        null,
        subject("blue"),
        Delta.Presence.UNCHANGED,
        null,
        0,
        use);
  }

  static Delta presence(Delta.Presence presence, String rootRunId, long eventMicros) {
    return new Delta(
        Delta.Cause.SPAN,
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
        rootRunId,
        null,
        null,
        subject("blue"),
        presence,
        null,
        0,
        null);
  }

  static Delta delta(
      long pico,
      long eventMicros,
      String rootRunId,
      Delta.Presence presence,
      String sampleTool,
      int sampleCalls) {
    return new Delta(
        Delta.Cause.SPAN,
        eventMicros,
        pico,
        pico,
        0,
        1,
        1,
        0,
        0,
        0,
        10,
        rootRunId,
        "span-1",
        null,
        subject("blue"),
        presence,
        sampleTool,
        sampleCalls,
        null);
  }

  static Subject subject(String team) {
    return new Subject("acme", "coder", "worker", team, null, null, null, "prod");
  }

  ScopeUnderTest spends(String usd, long eventMicros) {
    return see(spend(usd, eventMicros));
  }

  ScopeUnderTest see(Delta delta) {
    now = Math.max(now, delta.eventMicros());
    Verdicts verdicts = new Verdicts();
    inMinute =
        judge.onDelta(
            key,
            state,
            delta,
            policies,
            this,
            now,
            (agent, tool, milli) -> publishedMilli.add(milli),
            verdicts);
    take(verdicts);
    return this;
  }

  boolean clock(long nowMicros) {
    now = Math.max(now, nowMicros);
    Verdicts verdicts = new Verdicts();
    boolean closed = judge.onClock(key, state, policies, nowMicros, verdicts);
    take(verdicts);
    return closed;
  }

  private void take(Verdicts verdicts) {
    commands.addAll(verdicts.commands());
    alerts.addAll(verdicts.alerts());
    state = ScopeState.fromBytes(state.toBytes());
  }

  List<Action> actions() {
    return commands.stream().map(Command::getAction).toList();
  }

  List<String> alertStates() {
    return alerts.stream().map(alert -> alert.getState() + " " + alert.getAction()).toList();
  }

  @Override
  public Cell get(CellKey cellKey) {
    Cell cell = cells.get(cellKey);
    return cell == null ? null : Cell.fromBytes(cell.toBytes());
  }

  @Override
  public void put(CellKey cellKey, Cell cell) {
    cells.put(cellKey, cell);
  }
}
