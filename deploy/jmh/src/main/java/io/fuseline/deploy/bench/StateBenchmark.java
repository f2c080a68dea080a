package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.Dimension;
import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellBook;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeJudge;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.SpanFacts;
import io.fuseline.stream.judge.SpanReader;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * From bytes to state and back: what a store access costs that changes a value. The values are
 * those that the ladder's spans leave behind.
 */
@State(Scope.Thread)
public class StateBenchmark {
  private static final int MEDIAN_STEPS = 25;

  private byte[] run;
  private byte[] busyAgent;
  private byte[] team;
  private byte[][] cells;
  private byte[][] records;
  private byte[][] deltas;
  private int next;

  @Setup
  public void book() {
    PriceBook prices = PartSpans.defaultPrices();
    RunJudge runJudge = new RunJudge("USD");
    ScopeJudge scopeJudge = new ScopeJudge("USD");
    Verdicts verdicts = new Verdicts();
    Map<String, RunState> runs = new HashMap<>();
    Map<String, Integer> steps = new HashMap<>();
    Map<ScopeKey, ScopeState> scopes = new HashMap<>();
    Map<CellKey, Cell> ledger = new HashMap<>();
    CellBook book =
        new CellBook() {
          @Override
          public Cell get(CellKey key) {
            return ledger.get(key);
          }

          @Override
          public void put(CellKey key, Cell cell) {
            ledger.put(key, cell);
          }
        };
    List<byte[]> allRecords = new ArrayList<>();
    List<byte[]> allDeltas = new ArrayList<>();
    for (CheckedSpan.Accepted span : PartSpans.checked()) {
      SpanFacts facts = SpanReader.facts(span, prices);
      RunState state = runs.computeIfAbsent(facts.rootRunId(), id -> runJudge.open(facts));
      RunJudge.Result result =
          runJudge.onSpan(
              state,
              null,
              false,
              facts,
              PolicySet.none(),
              Baselines.none(),
              facts.eventMicros(),
              verdicts);
      if (steps.merge(facts.rootRunId(), 1, Integer::sum) == MEDIAN_STEPS && run == null) {
        run = state.toBytes();
      }
      allRecords.add(result.record().toBytes());
      Deltas.of(
          result,
          facts,
          (key, delta) -> {
            allDeltas.add(delta.toBytes());
            scopeJudge.onDelta(
                key,
                scopes.computeIfAbsent(key, any -> new ScopeState()),
                delta,
                PolicySet.none(),
                book,
                facts.eventMicros(),
                (agent, tool, milli) -> {},
                verdicts);
          });
    }
    records = allRecords.toArray(byte[][]::new);
    deltas = allDeltas.toArray(byte[][]::new);
    cells = ledger.values().stream().map(Cell::toBytes).toArray(byte[][]::new);
    busyAgent = largest(scopes, Dimension.AGENT);
    team = largest(scopes, Dimension.TEAM);
  }

  private static byte[] largest(Map<ScopeKey, ScopeState> scopes, Dimension dimension) {
    return scopes.entrySet().stream()
        .filter(scope -> scope.getKey().dimension() == dimension)
        .map(scope -> scope.getValue().toBytes())
        .reduce(new byte[0], (one, other) -> other.length > one.length ? other : one);
  }

  /** A root run after 25 steps. */
  @Benchmark
  public byte[] run() {
    return RunState.fromBytes(run).toBytes();
  }

  /** What is kept of one span. */
  @Benchmark
  public byte[] spanRecord() {
    return SpanRecord.fromBytes(records[turn(records)]).toBytes();
  }

  /** What one scope is sent of one span. */
  @Benchmark
  public byte[] delta() {
    return Delta.fromBytes(deltas[turn(deltas)]).toBytes();
  }

  /** A minute, hour or day of a scope. */
  @Benchmark
  public byte[] cell() {
    return Cell.fromBytes(cells[turn(cells)]).toBytes();
  }

  /** A scope that is no agent. */
  @Benchmark
  public byte[] scopeTeam() {
    return ScopeState.fromBytes(team).toBytes();
  }

  /** The busiest agent. */
  @Benchmark
  public byte[] scopeBusyAgent() {
    return ScopeState.fromBytes(busyAgent).toBytes();
  }

  private int turn(byte[][] values) {
    next = next + 1 < values.length ? next + 1 : 0;
    return next;
  }
}
