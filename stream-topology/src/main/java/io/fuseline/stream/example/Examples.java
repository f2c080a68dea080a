package io.fuseline.stream.example;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellBook;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.Outcomes;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeJudge;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.SpanFacts;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Runs examples through the deciding core. The clock stands at each event's time. */
public final class Examples {
  private Examples() {}

  /** Has the policies judge the example's spans and outcomes. */
  public static Example.Outcome run(Example example, PolicySet policies, String currency) {
    Bench bench = new Bench(policies, currency);
    for (int i = 0; i < example.events().size(); i++) {
      bench.see(example.events().get(i), i + 1);
    }
    return new Example.Outcome(example.expected(), bench.found);
  }

  private static final class Bench implements CellBook {
    final List<Map<String, String>> found = new ArrayList<>();
    private final PolicySet policies;
    private final RunJudge runJudge;
    private final ScopeJudge scopeJudge;
    private final Map<String, RunState> runs = new HashMap<>();
    private final Map<String, List<SpanRecord>> kept = new HashMap<>();
    private final Map<ScopeKey, ScopeState> scopes = new HashMap<>();
    private final Map<CellKey, Cell> cells = new HashMap<>();
    private final Verdicts verdicts = new Verdicts();

    Bench(PolicySet policies, String currency) {
      this.policies = policies;
      this.runJudge = new RunJudge(currency);
      this.scopeJudge = new ScopeJudge(currency);
    }

    void see(ExampleEvent event, int number) {
      if (event instanceof ExampleOutcome outcome) {
        see(outcome, number);
      } else {
        see((ExampleSpan) event, number);
      }
    }

    private void see(ExampleOutcome outcome, int number) {
      CheckedOutcome.Accepted facts = outcome.facts();
      RunState run =
          runs.computeIfAbsent(outcome.root(), root -> Outcomes.open(facts, outcome.eventMicros()));
      Deltas.Receiver scopes = (key, delta) -> book(key, delta, outcome.eventMicros(), number);
      String type = Outcomes.book(run, facts, scopes);
      if (type != null) {
        Outcomes.Spent spent = new Outcomes.Spent();
        kept.getOrDefault(outcome.root(), List.of()).forEach(spent::add);
        spent.book(run, outcome.root(), type, scopes);
      }
    }

    private void see(ExampleSpan span, int number) {
      SpanFacts facts = span.facts();
      RunState run = runs.computeIfAbsent(span.root(), root -> runJudge.open(facts));
      RunJudge.Result result =
          runJudge.onSpan(
              run, null, false, facts, policies, Baselines.none(), span.eventMicros(), verdicts);
      take(number);
      kept.computeIfAbsent(span.root(), root -> new ArrayList<>()).add(result.record());
      Deltas.Receiver scopes = (key, delta) -> book(key, delta, span.eventMicros(), number);
      Outcomes.ascribe(run, span.root(), scopes);
      Deltas.of(result, facts, Outcomes.costsOf(run, result.record(), scopes));
    }

    private void book(ScopeKey key, Delta delta, long nowMicros, int number) {
      scopeJudge.onDelta(
          key,
          scopes.computeIfAbsent(key, k -> new ScopeState()),
          delta,
          policies,
          this,
          nowMicros,
          (agent, tool, rate) -> {},
          verdicts);
      take(number);
    }

    private void take(int number) {
      for (Alert alert : verdicts.alerts()) {
        Map<String, String> row = new TreeMap<>();
        row.put("policy", alert.getPolicyId());
        row.put("action", word(alert.getAction()));
        row.put("state", word(alert.getState()));
        row.put("target_type", word(alert.getTargetType()));
        row.put("target", alert.getTarget());
        row.put("command", String.valueOf(alert.getCommandId() != null));
        row.put("span", String.valueOf(number));
        if (alert.getState() == EpisodeState.CLOSED) {
          row.remove("action"); // what was lifted is of no interest
        }
        found.add(row);
      }
      verdicts.clear();
    }

    private static String word(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Cell get(CellKey key) {
      return cells.get(key);
    }

    @Override
    public void put(CellKey key, Cell cell) {
      cells.put(key, cell);
    }
  }
}
