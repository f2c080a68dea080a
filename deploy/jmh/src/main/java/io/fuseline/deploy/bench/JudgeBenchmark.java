package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
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
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.DefaultPolicies;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Booking and judging on state that is at hand: what is left when nothing has to be carried. */
@State(Scope.Thread)
public class JudgeBenchmark {
  private final PriceBook prices = PartSpans.defaultPrices();
  private final PolicySet policies =
      PolicySet.of(DefaultPolicies.load().stream().map(ParsedPolicy::policy).toList());
  private final RunJudge runJudge = new RunJudge("USD");
  private final ScopeJudge scopeJudge = new ScopeJudge("USD");
  private final Verdicts verdicts = new Verdicts();
  private final Map<String, RunState> runs = new HashMap<>();
  private final Map<ScopeKey, ScopeState> scopes = new HashMap<>();
  private final Ledger ledger = new Ledger();

  private CheckedSpan.Accepted[] spans;
  private SpanFacts[] facts;
  private Share[][] shares;
  private int next;

  private record Share(ScopeKey key, Delta delta) {}

  private static final class Ledger implements CellBook {
    private final Map<CellKey, Cell> cells = new HashMap<>();

    @Override
    public Cell get(CellKey key) {
      return cells.get(key);
    }

    @Override
    public void put(CellKey key, Cell cell) {
      cells.put(key, cell);
    }
  }

  @Setup
  public void read() {
    spans = PartSpans.checked().toArray(CheckedSpan.Accepted[]::new);
    facts = new SpanFacts[spans.length];
    shares = new Share[spans.length][];
    for (int i = 0; i < spans.length; i++) {
      facts[i] = SpanReader.facts(spans[i], prices);
      List<Share> sent = new ArrayList<>();
      Deltas.of(judgeRun(i), facts[i], (key, delta) -> sent.add(new Share(key, delta)));
      shares[i] = sent.toArray(Share[]::new);
    }
    runs.clear();
  }

  /** Prices the span and reads from it what the judges need. */
  @Benchmark
  public SpanFacts read1Facts() {
    return SpanReader.facts(spans[turn()], prices);
  }

  /** Books the span on its run, and judges the run. */
  @Benchmark
  public RunJudge.Result judge2Run() {
    return judgeRun(turn());
  }

  /** Books the span on all of its scopes, eight of them, and judges each. */
  @Benchmark
  public int judge3Scopes() {
    int turn = turn();
    for (Share share : shares[turn]) {
      ScopeState scope = scopes.get(share.key());
      if (scope == null) {
        scope = new ScopeState();
        scopes.put(share.key(), scope);
      }
      scopeJudge.onDelta(
          share.key(),
          scope,
          share.delta(),
          policies,
          ledger,
          facts[turn].eventMicros(),
          (agent, tool, milli) -> {},
          verdicts);
    }
    verdicts.clear();
    return shares[turn].length;
  }

  private RunJudge.Result judgeRun(int turn) {
    SpanFacts span = facts[turn];
    RunState run = runs.get(span.rootRunId());
    if (run == null) {
      run = runJudge.open(span);
      runs.put(span.rootRunId(), run);
    }
    RunJudge.Result result =
        runJudge.onSpan(
            run, null, false, span, policies, Baselines.none(), span.eventMicros(), verdicts);
    verdicts.clear();
    return result;
  }

  /** The runs begin afresh with each pass, lest they become longer than any. */
  private int turn() {
    next++;
    if (next == spans.length) {
      next = 0;
      runs.clear();
    }
    return next;
  }
}
