package io.fuseline.deploy.replay;

import io.fuseline.schemas.Dimension;
import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellBook;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.ScopeJudge;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.PolicySet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The scopes and their ledger, in memory: has each delta added and judged, hands on verdicts, and
 * remembers baselines. Stands where the topology has its scope processor.
 */
final class Scopes implements Deltas.Receiver, CellBook {
  private final ScopeJudge judge;
  private final PolicySet policies;
  private final EventClock clock;
  private final ReplayListener listener;
  private final Map<ScopeKey, Scope> scopes = new HashMap<>();
  private final Map<CellKey, Cell> cells = new HashMap<>();
  private final Map<AgentTool, Long> callsPerMinuteMilli = new HashMap<>();
  private final Verdicts verdicts = new Verdicts();

  Scopes(String currency, PolicySet policies, EventClock clock, ReplayListener listener) {
    this.judge = new ScopeJudge(currency);
    this.policies = policies;
    this.clock = clock;
    this.listener = listener;
  }

  /**
   * @param key the one instance that all cells of the scope share
   */
  private record Scope(ScopeKey key, ScopeState state) {}

  private record AgentTool(String tenant, String agent, String tool) {}

  @Override
  public void accept(ScopeKey key, Delta delta) {
    Scope scope = scopes.computeIfAbsent(key, k -> new Scope(k, new ScopeState()));
    boolean hadEpisodes = scope.state().hasOpenEpisodes();
    judge.onDelta(
        scope.key(),
        scope.state(),
        delta,
        policies,
        this,
        clock.now(),
        (agent, tool, milli) ->
            callsPerMinuteMilli.put(new AgentTool(agent.tenant(), agent.value(), tool), milli),
        verdicts);
    if (scope.state().hasOpenEpisodes() && !hadEpisodes) {
      lookLater(scope);
    }
    Told.to(listener, verdicts);
  }

  private void look(Scope scope) {
    judge.onClock(scope.key(), scope.state(), policies, clock.now(), verdicts);
    Told.to(listener, verdicts);
    if (scope.state().hasOpenEpisodes()) {
      lookLater(scope);
    }
  }

  private void lookLater(Scope scope) {
    clock.at(clock.now() + Times.MICROS_PER_MINUTE, () -> look(scope));
  }

  @Override
  public Cell get(CellKey key) {
    return cells.get(key);
  }

  @Override
  public void put(CellKey key, Cell cell) {
    cells.put(key, cell);
  }

  /** The usual rates learned so far; they move on with the replay. */
  Baselines baselines() {
    return (tenant, agent, tool) ->
        callsPerMinuteMilli.getOrDefault(new AgentTool(tenant, agent, tool), 0L);
  }

  Map<CellKey, Cell> cells() {
    return cells;
  }

  /** What each value of a dimension came to, value by value and tenant by tenant, in no order. */
  List<Map.Entry<ScopeKey, Cell>> totals(Dimension dimension) {
    return scopes.values().stream()
        .filter(scope -> scope.key().dimension() == dimension)
        .map(scope -> Map.entry(scope.key(), scope.state().total()))
        .toList();
  }
}
