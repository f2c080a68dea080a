package io.fuseline.deploy.backtest;

import io.fuseline.deploy.replay.PricedArrival;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Times;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The root runs as they were: what they spent, who started whom, and how they ended. */
final class PastRuns {
  private final Map<String, Ending> outcomes;
  private final Map<String, PastRun> runs = new HashMap<>();
  private final SortedMap<Long, Amount> costByMinute = new TreeMap<>();
  private final Amount cost = new Amount();
  private long spans;
  private long firstMicros = Long.MAX_VALUE;
  private long lastMicros = Long.MIN_VALUE;

  /**
   * @param outcomes how runs ended that have outcomes, by root run id
   */
  PastRuns(Map<String, Ending> outcomes) {
    this.outcomes = outcomes;
  }

  private static final class PastRun {
    final Map<String, String> parents = new HashMap<>();
    final Amount cost = new Amount();
    String agent;
    long lastMicros = Long.MIN_VALUE;
    Ending lastSpan = Ending.NOT_TOLD;
  }

  /**
   * @param pico what the writing of the span added to the books, less what it undid
   */
  void add(PricedArrival arrival, int newSpans, long pico) {
    AgentSpan span = arrival.span().span();
    long micros = arrival.span().eventTimeMicros();
    String root = arrival.span().rootRunId();
    PastRun run = runs.computeIfAbsent(root, id -> new PastRun());
    if (run.agent == null || arrival.span().runId().equals(root)) {
      run.agent = arrival.span().agentId();
    }
    if (span.getParentRunId() != null) {
      run.parents.putIfAbsent(arrival.span().runId(), span.getParentRunId());
    }
    if (span.getPhase() == SpanPhase.END && micros >= run.lastMicros) {
      run.lastMicros = micros;
      run.lastSpan = ending(span);
    }
    spans += newSpans;
    run.cost.add(pico);
    cost.add(pico);
    costByMinute
        .computeIfAbsent(Math.floorDiv(micros, Times.MICROS_PER_MINUTE), m -> new Amount())
        .add(pico);
    firstMicros = Math.min(firstMicros, micros);
    lastMicros = Math.max(lastMicros, micros);
  }

  private static Ending ending(AgentSpan span) {
    if (span.getStatus() == SpanStatus.ERROR || span.getErrorType() != null) {
      return Ending.BADLY;
    }
    return span.getStatus() == SpanStatus.OK ? Ending.WELL : Ending.NOT_TOLD;
  }

  Ending ending(String rootRunId) {
    Ending told = outcomes.get(rootRunId);
    if (told != null) {
      return told;
    }
    PastRun run = runs.get(rootRunId);
    return run == null ? Ending.NOT_TOLD : run.lastSpan;
  }

  /** True when a run is the given one or was started by it, directly or further down. */
  boolean isWithin(String rootRunId, String runId, String ancestor) {
    Map<String, String> parents = runs.get(rootRunId).parents;
    String at = runId;
    for (int steps = 0; at != null && steps <= parents.size(); steps++) { // may be a circle
      if (at.equals(ancestor)) {
        return true;
      }
      at = parents.get(at);
    }
    return false;
  }

  /** The root run's own agent. */
  String agent(String rootRunId) {
    return runs.get(rootRunId).agent;
  }

  Amount cost(String rootRunId) {
    return runs.get(rootRunId).cost;
  }

  /** How many runs ended in this way. */
  long count(Ending ending) {
    return runs.keySet().stream().filter(run -> ending(run) == ending).count();
  }

  /** How many of the runs have an outcome. */
  long withOutcome() {
    return runs.keySet().stream().filter(outcomes::containsKey).count();
  }

  Amount cost() {
    return cost;
  }

  /** By minute since the epoch. */
  SortedMap<Long, Amount> costByMinute() {
    return costByMinute;
  }

  long spans() {
    return spans;
  }

  /** Epoch microseconds; meaningless when there are no spans. */
  long firstMicros() {
    return firstMicros;
  }

  long lastMicros() {
    return lastMicros;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }
}
