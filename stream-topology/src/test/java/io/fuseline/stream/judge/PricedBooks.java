package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.policy.PolicySet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that stands in the books: runs, kept spans, scopes with their windows; and what was written
 * on {@code priced-spans} and {@code cost-corrections}. The shell around the core, without Kafka.
 */
final class PricedBooks {
  final PriceBook prices = new PriceBook("USD");
  final Map<String, RunState> runs = new TreeMap<>();
  final TreeMap<String, SpanRecord> kept = new TreeMap<>();
  final Set<String> outcomes = new HashSet<>();
  final Map<ScopeKey, ScopeState> scopes = new HashMap<>();
  final Map<CellKey, Cell> cells = new HashMap<>();

  /** Of each span, what its newest writing was priced at when it came. */
  final Map<String, SpanFacts> written = new HashMap<>();

  final List<CostCorrection> corrections = new ArrayList<>();

  private final RunJudge runJudge = new RunJudge("USD");
  private final ScopeJudge scopeJudge = new ScopeJudge("USD");
  private final Repricing repricing;
  private final Verdicts verdicts = new Verdicts();
  private final CellBook ledger =
      new CellBook() {
        @Override
        public Cell get(CellKey key) {
          Cell cell = cells.get(key);
          return cell == null ? null : Cell.fromBytes(cell.toBytes());
        }

        @Override
        public void put(CellKey key, Cell cell) {
          cells.put(key, cell);
        }
      };

  long nowMicros;
  private String cursor = "";

  PricedBooks(Duration closeAfter, long nowMicros) {
    this.repricing = new Repricing(new BillingPeriods(closeAfter));
    this.nowMicros = nowMicros;
  }

  void put(PriceEntry price) {
    prices.put(price);
  }

  void remove(String priceId) {
    prices.remove(priceId);
  }

  void write(AgentSpan span) {
    var checked =
        (CheckedSpan.Accepted) SpanCheck.check(AgentSpan.newBuilder(span).build(), nowMicros);
    SpanFacts facts = SpanReader.facts(checked, prices);
    RunState run = runs.computeIfAbsent(facts.rootRunId(), root -> runJudge.open(facts));
    String key = SpanKeys.ofSpan(facts.rootRunId(), facts.spanId());
    RunJudge.Result result =
        runJudge.onSpan(
            run,
            kept.get(key),
            false,
            facts,
            PolicySet.none(),
            Baselines.none(),
            nowMicros,
            verdicts);
    if (result.disposition() == RunJudge.Disposition.DUPLICATE) {
      return;
    }
    kept.put(key, result.record());
    written.put(key, facts);
    Outcomes.ascribe(run, facts.rootRunId(), this::book);
    Deltas.of(result, facts, Outcomes.costsOf(run, result.record(), this::book));
    result.uncorrected().forEach(correction -> tell(facts.spanId(), correction));
  }

  void achieve(Outcome outcome) {
    var accepted =
        (CheckedOutcome.Accepted)
            OutcomeCheck.check(Outcome.newBuilder(outcome).build(), "USD", nowMicros);
    String root = accepted.rootRunId();
    if (!outcomes.add(SpanKeys.ofOutcome(root, accepted.outcomeId()))) {
      return;
    }
    RunState run = runs.computeIfAbsent(root, id -> Outcomes.open(accepted, nowMicros));
    String type = Outcomes.book(run, accepted, this::book);
    if (type != null) {
      Outcomes.Spent spent = new Outcomes.Spent();
      kept.subMap(SpanKeys.prefix(root), root + '\u0001').values().forEach(spent::add);
      spent.book(run, root, type, this::book);
    }
  }

  /** Prices the next so many kept spans again, from where the last look ended. */
  void look(int spans) {
    for (int i = 0; i < spans && !kept.isEmpty(); i++) {
      String next = kept.higherKey(cursor);
      cursor = next == null ? kept.firstKey() : next;
      look(cursor);
    }
  }

  void lookAtAll() {
    look(kept.size());
  }

  private void look(String key) {
    SpanRecord record = kept.get(key);
    if (record.booked() == null || record.billable() == null) {
      return;
    }
    Repricing.Repriced repriced =
        repricing.compare(record, prices.price(record.billable()), nowMicros);
    if (repriced == null) {
      return;
    }
    kept.put(key, repriced.record());
    if (repriced.correction() == null) {
      return;
    }
    String rootRunId = record.booked().rootRunId();
    String spanId = SpanKeys.spanId(rootRunId, key);
    RunState run = runs.get(rootRunId);
    runJudge.onCorrection(run, repriced.correction());
    tell(spanId, repriced.correction());
    Deltas.of(
        repriced.correction(), spanId, null, Outcomes.costsOf(run, repriced.record(), this::book));
  }

  private void book(ScopeKey key, Delta delta) {
    Delta sent = Delta.fromBytes(delta.toBytes());
    ScopeState state = scopes.computeIfAbsent(key, k -> new ScopeState());
    scopeJudge.onDelta(
        key,
        state,
        sent,
        PolicySet.none(),
        ledger,
        nowMicros,
        (agent, tool, milli) -> {},
        verdicts);
  }

  private void tell(String spanId, Correction correction) {
    corrections.add(CostCorrections.of(spanId, correction, "USD", nowMicros));
  }

  /** Everything goes through its bytes, as after a restart. */
  void store() {
    runs.replaceAll((root, run) -> RunState.fromBytes(run.toBytes()));
    kept.replaceAll((key, record) -> SpanRecord.fromBytes(record.toBytes()));
    scopes.replaceAll((key, scope) -> ScopeState.fromBytes(scope.toBytes()));
    cells.replaceAll((key, cell) -> Cell.fromBytes(cell.toBytes()));
  }

  /** What is kept ready of hours and days is what the ledger has; its windows sum to the total. */
  void assertSound() {
    scopes.forEach(
        (key, scope) -> {
          assertSame(sum(key, WindowSize.HOUR), scope.total);
          assertSame(sum(key, WindowSize.DAY), scope.total);
          if (scope.hourStart >= 0) {
            assertSame(scope.hour, cells.get(new CellKey(key, WindowSize.HOUR, scope.hourStart)));
            assertSame(scope.day, cells.get(new CellKey(key, WindowSize.DAY, scope.dayStart)));
          }
        });
  }

  /** Runs, spans and scopes stand as in the other books; each in total, not window by window. */
  void assertStandsAs(PricedBooks other) {
    assertThat(runs.keySet()).isEqualTo(other.runs.keySet());
    runs.forEach(
        (root, run) -> {
          RunState expected = other.runs.get(root);
          assertThat(run.cost).isEqualTo(expected.cost);
          assertThat(run.listCost).isEqualTo(expected.listCost);
          assertThat(run.bound).isEqualTo(expected.bound);
          assertThat(run.spans).isEqualTo(expected.spans);
          assertThat(costs(run)).isEqualTo(costs(expected));
        });
    assertThat(kept.keySet()).isEqualTo(other.kept.keySet());
    kept.forEach(
        (key, record) -> {
          SpanRecord expected = other.kept.get(key);
          assertThat(record.cost()).isEqualTo(expected.cost());
          assertThat(record.status()).isEqualTo(expected.status());
          assertThat(record.booked()).isEqualTo(expected.booked());
        });
    assertThat(scopes.keySet()).isEqualTo(other.scopes.keySet());
    scopes.forEach((key, scope) -> assertSame(scope.total, other.scopes.get(key).total));
  }

  void assertWindowsStandAs(PricedBooks other) {
    cells.forEach(
        (key, cell) -> {
          if (key.window() != WindowSize.MINUTE) {
            assertSame(cell, other.cells.get(key));
          }
        });
  }

  private Cell sum(ScopeKey key, WindowSize window) {
    Cell sum = new Cell();
    cells.forEach(
        (at, cell) -> {
          if (at.scope().equals(key) && at.window() == window) {
            sum.add(cell);
          }
        });
    return sum;
  }

  private static Map<String, Amount> costs(RunState run) {
    Map<String, Amount> costs = new TreeMap<>();
    run.nodes.forEach((id, node) -> costs.put("run " + id, node.cost));
    run.tools.forEach((key, use) -> costs.put("tool " + key, use.cost));
    run.steps.forEach((step, cost) -> costs.put("step " + step, cost));
    return costs;
  }

  private static void assertSame(Cell actual, Cell expected) {
    assertThat(actual.amounts()).usingRecursiveComparison().isEqualTo(expected.amounts());
  }
}
