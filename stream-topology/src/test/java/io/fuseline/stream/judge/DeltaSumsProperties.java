package io.fuseline.stream.judge;

import static io.fuseline.stream.judge.SpanDraft.TEN_O_CLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.Dimension;
import io.fuseline.stream.policy.PolicySet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/** The oracle sends each delta by itself, in the order it came in. */
@PropertyDefaults(tries = 300, edgeCases = EdgeCasesMode.NONE)
class DeltaSumsProperties {
  private static final String BUDGETS =
      """
      id: hourly
      rule: {type: budget, per: agent, window: hour, limit: "0.000000005"}
      ladder: [{at: 50%, action: throttle, caps: {max_tokens: 10}}, {at: 100%, action: pause}]
      ---
      id: monthly
      rule: {type: budget, per: team, window: month, limit: "0.000000007"}
      ladder: [{at: 50%, action: alert}, {at: 100%, action: pause}]
      ---
      id: ever
      rule: {type: budget, per: agent, window: life, limit: "0.00000002"}
      ladder: [{at: 30%, action: alert}, {at: 60%, action: pause}, {at: 100%, action: kill}]
      """;

  private static final ScopeKey[] SCOPES = {
    new ScopeKey(Dimension.AGENT, "acme", "coder"),
    new ScopeKey(Dimension.TEAM, "acme", "blue"),
    new ScopeKey(Dimension.MODEL, "acme", "m")
  };

  /** What a span does to one scope: it is written, written again, or corrected. */
  enum Kind {
    SPAN,
    REWRITTEN,
    CORRECTED,
    UNCORRECTED,
    JOINED,
    LEFT
  }

  record Entry(Kind kind, int scope, long seconds, long pico, int run) {
    ScopeKey key() {
      return SCOPES[scope];
    }

    Delta delta(String spanId) {
      boolean books = kind != Kind.JOINED && kind != Kind.LEFT;
      boolean correction = kind == Kind.CORRECTED || kind == Kind.UNCORRECTED;
      int count = !books || correction ? 0 : kind == Kind.SPAN ? 1 : -1;
      long cost = !books ? 0 : kind == Kind.REWRITTEN ? -pico : pico;
      boolean agent = key().dimension() == Dimension.AGENT;
      boolean call = agent && kind == Kind.SPAN;
      return new Delta(
          books ? Delta.Cause.valueOf(kind.name()) : Delta.Cause.SPAN,
          TEN_O_CLOCK + seconds * 1_000_000,
          cost,
          2 * cost,
          cost / 2,
          count,
          count,
          0,
          0,
          0,
          10L * count,
          "run-" + run,
          books ? spanId : null,
          null,
          call ? ScopeUnderTest.subject("blue") : null,
          books ? Delta.Presence.UNCHANGED : Delta.Presence.valueOf(kind.name()),
          call && pico % 3 == 0 ? "search" : null,
          call && pico % 3 == 0 ? run + 1 : 0,
          call && pico % 2 == 0 ? new ModelUse(7 + run % 2, "m" + run % 2, "1", pico + 1) : null);
    }
  }

  /** Scopes with their states and cells. */
  private static final class Books implements CellBook {
    final Map<ScopeKey, ScopeState> states = new HashMap<>();
    final Map<CellKey, Cell> cells = new HashMap<>();
    final List<String> baselines = new ArrayList<>();
    final Set<String> commanded = new HashSet<>();
    private final ActiveRuns activeRuns = ActiveRuns.inMemory();
    private final ScopeJudge judge = new ScopeJudge("USD", Raises.none(), activeRuns);
    private final PolicySet policies;

    Books(String policies) {
      this.policies = policies == null ? PolicySet.of(List.of()) : RunUnderTest.policySet(policies);
    }

    void book(ScopeKey key, DeltaSum sum) {
      Verdicts out = new Verdicts();
      judge.onSum(
          key,
          states.computeIfAbsent(key, k -> new ScopeState()),
          DeltaSum.fromBytes(sum.toBytes()),
          policies,
          this,
          TEN_O_CLOCK,
          (agent, tool, milli) -> baselines.add(tool + "=" + milli),
          out);
      out.commands().forEach(command -> commanded.add(command.getPolicyId()));
    }

    @Override
    public Cell get(CellKey key) {
      return cells.get(key);
    }

    @Override
    public void put(CellKey key, Cell cell) {
      cells.put(key, cell);
    }

    Map<String, String> told() {
      Map<String, String> told = new TreeMap<>();
      cells.forEach((key, cell) -> told.put(key.toString(), text(cell)));
      states.forEach(
          (key, state) -> {
            told.put(key + " total", text(state.total));
            told.put(key + " hour", state.hourStart + " " + text(state.hour));
            told.put(key + " day", state.dayStart + " " + text(state.day));
            told.put(key + " newest", String.valueOf(state.newest));
            Map<String, Long> runs = new TreeMap<>();
            activeRuns.each(key, (run, seen) -> runs.put(run, seen) == null);
            told.put(key + " runs", runs.toString());
            state.meters.forEach(
                (window, meter) -> told.put(key + " " + window, text(meter.sum())));
          });
      return told;
    }

    private static String text(Cell cell) {
      return "%s %s %s %d %d %d"
          .formatted(cell.cost, cell.listCost, cell.bound, cell.spans, cell.llmCalls, cell.tokens);
    }

    /** Rung by policy of what is open. */
    Map<String, Integer> rungs() {
      Map<String, Integer> rungs = new TreeMap<>();
      states.forEach(
          (key, state) ->
              state.episodes.open().forEach(one -> rungs.put(key + " " + one.policyId, one.rung)));
      return rungs;
    }
  }

  @Property
  void shouldComeToTheSameCellsTotalsAndWindowsAsOneByOne(
      @ForAll("entries") List<Entry> entries, @ForAll("flushes") Set<Integer> flushes) {
    Books oneByOne = new Books(null);
    Books addedUp = new Books(null);
    book(entries, flushes, oneByOne, addedUp);

    assertThat(addedUp.told()).isEqualTo(oneByOne.told());
    assertThat(addedUp.baselines).isEqualTo(oneByOne.baselines);
  }

  @Property
  void shouldReachTheSameRungsAsOneByOne(
      @ForAll("spends") List<Entry> entries, @ForAll("flushes") Set<Integer> flushes) {
    Books oneByOne = new Books(BUDGETS);
    Books addedUp = new Books(BUDGETS);
    book(entries, flushes, oneByOne, addedUp);

    assertThat(addedUp.told()).isEqualTo(oneByOne.told());
    assertThat(addedUp.rungs()).isEqualTo(oneByOne.rungs());
    assertThat(addedUp.states)
        .allSatisfy(
            (key, state) -> assertThat(state.subject).isEqualTo(oneByOne.states.get(key).subject));
    assertThat(addedUp.commanded).isSubsetOf(oneByOne.commanded);
  }

  /** What is undone first never makes a scope stand higher than before and after. */
  @Property
  void shouldNeverStandHigherThanItDidOneByOne(
      @ForAll("rewrites") List<Entry> entries, @ForAll("flushes") Set<Integer> flushes) {
    long[] highest = new long[2];
    Books oneByOne = new Books(null);
    Books addedUp = new Books(null);
    DeltaSums sums = new DeltaSums();
    DeltaSums.Receiver booked =
        (key, sum, at) -> {
          addedUp.book(key, sum);
          highest[1] = Math.max(highest[1], addedUp.states.get(key).total.cost.saturatedPico());
        };
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      oneByOne.book(entry.key(), DeltaSum.of(entry.delta("s" + i)));
      highest[0] =
          Math.max(highest[0], oneByOne.states.get(entry.key()).total.cost.saturatedPico());
      sums.add(entry.key(), entry.delta("s" + i), i, booked);
      if (flushes.contains(i)) {
        sums.takeAll(booked);
      }
    }
    sums.takeAll(booked);

    assertThat(highest[1]).isLessThanOrEqualTo(highest[0]);
  }

  @Property
  void shouldKeepAllThatCannotBeAddedUpThroughItsBytes(@ForAll("entries") List<Entry> entries) {
    List<DeltaSum> sums = new ArrayList<>();
    DeltaSums adding = new DeltaSums();
    for (int i = 0; i < entries.size(); i++) {
      adding.add(
          entries.get(i).key(), entries.get(i).delta("s" + i), i, (key, sum, at) -> sums.add(sum));
    }
    adding.takeAll((key, sum, at) -> sums.add(sum));

    assertThat(sums)
        .allSatisfy(sum -> assertThat(DeltaSum.fromBytes(sum.toBytes())).isEqualTo(sum));
  }

  @Example
  void shouldReadADeltaThatAnOlderProgramSentByItself() {
    Delta delta = ScopeUnderTest.delta(5, TEN_O_CLOCK, "run-1", Delta.Presence.JOINED, "search", 3);

    assertThat(DeltaSum.fromBytes(delta.toBytes())).isEqualTo(DeltaSum.of(delta));
  }

  @Example
  void shouldProveANameWithoutAPriceByASpanThatHasNone() {
    ScopeKey model = SCOPES[2];
    List<DeltaSum> sums = new ArrayList<>();
    DeltaSums adding = new DeltaSums();
    adding.add(model, unpriced("without", 1), 1, (key, sum, at) -> {});
    adding.add(model, ScopeUnderTest.spend("1", TEN_O_CLOCK + 1), 2, (key, sum, at) -> {});
    adding.takeAll((key, sum, at) -> sums.add(sum));

    assertThat(sums).hasSize(1);
    assertThat(sums.get(0).total().spanId()).isEqualTo("without");
    assertThat(sums.get(0).total().provider()).isEqualTo("p");
  }

  @Example
  void shouldSendASumOfItsOwnBeforeItsMoneyOverflows() {
    List<DeltaSum> sums = new ArrayList<>();
    DeltaSums adding = new DeltaSums();
    for (int i = 0; i < 3; i++) {
      adding.add(
          SCOPES[1],
          ScopeUnderTest.delta(
              Long.MAX_VALUE / 2 + 1, TEN_O_CLOCK, "r", Delta.Presence.UNCHANGED, null, 0),
          i,
          (key, sum, at) -> {});
    }
    adding.takeAll((key, sum, at) -> sums.add(sum));

    assertThat(sums).hasSize(3);
  }

  private static Delta unpriced(String spanId, int spans) {
    return new Delta(
        Delta.Cause.SPAN,
        TEN_O_CLOCK,
        0,
        0,
        9,
        spans,
        spans,
        0,
        0,
        spans,
        10,
        "run-1",
        spanId,
        "p",
        null,
        Delta.Presence.UNCHANGED,
        null,
        0,
        null);
  }

  private static void book(
      List<Entry> entries, Set<Integer> flushes, Books oneByOne, Books addedUp) {
    DeltaSums sums = new DeltaSums();
    DeltaSums.Receiver booked = (key, sum, at) -> addedUp.book(key, sum);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      oneByOne.book(entry.key(), DeltaSum.of(entry.delta("s" + i)));
      sums.add(entry.key(), entry.delta("s" + i), i, booked);
      if (flushes.contains(i)) {
        sums.takeAll(booked);
      }
    }
    sums.takeAll(booked);
  }

  /** Everything, over some hours, in any order. */
  @Provide
  Arbitrary<List<Entry>> entries() {
    return entries(Arbitraries.of(Kind.class), Arbitraries.longs().between(-20_000, 0))
        .list()
        .ofMaxSize(60);
  }

  /** Spans in the order of their time. */
  @Provide
  Arbitrary<List<Entry>> spends() {
    return entries(Arbitraries.of(Kind.SPAN), Arbitraries.longs().between(-20_000, 0))
        .list()
        .ofMaxSize(60)
        .map(list -> list.stream().sorted(Comparator.comparing(Entry::seconds)).toList());
  }

  /** Spans, some of which are written again: the earlier writing is undone first. */
  @Provide
  Arbitrary<List<Entry>> rewrites() {
    return Combinators.combine(
            entries(Arbitraries.of(Kind.SPAN), Arbitraries.longs().between(-200, 0)),
            Arbitraries.integers().between(0, 20),
            Arbitraries.longs().between(1, 1_000))
        .as(RewrittenLater::new)
        .list()
        .ofMaxSize(25)
        .map(DeltaSumsProperties::inOrder);
  }

  private record RewrittenLater(Entry first, int after, long second) {}

  private static List<Entry> inOrder(List<RewrittenLater> plans) {
    List<Entry> entries = new ArrayList<>();
    Map<Integer, List<RewrittenLater>> due = new HashMap<>();
    for (int i = 0; i < plans.size() + 21; i++) {
      for (RewrittenLater plan : due.getOrDefault(i, List.of())) {
        Entry first = plan.first();
        entries.add(new Entry(Kind.REWRITTEN, 0, first.seconds(), first.pico(), 0));
        entries.add(new Entry(Kind.SPAN, 0, first.seconds() + 70, plan.second(), 0));
      }
      if (i < plans.size()) {
        RewrittenLater plan = plans.get(i);
        entries.add(new Entry(Kind.SPAN, 0, plan.first().seconds(), plan.first().pico(), 0));
        due.computeIfAbsent(i + 1 + plan.after(), at -> new ArrayList<>()).add(plan);
      }
    }
    return entries;
  }

  private static Arbitrary<Entry> entries(Arbitrary<Kind> kinds, Arbitrary<Long> seconds) {
    return Combinators.combine(
            kinds,
            Arbitraries.integers().between(0, SCOPES.length - 1),
            seconds,
            Arbitraries.longs().between(1, 2_000),
            Arbitraries.integers().between(0, 4))
        .as(Entry::new)
        .map(
            entry ->
                (entry.kind() == Kind.JOINED || entry.kind() == Kind.LEFT) && entry.scope() != 0
                    ? new Entry(entry.kind(), 0, entry.seconds(), entry.pico(), entry.run())
                    : entry);
  }

  @Provide
  Arbitrary<Set<Integer>> flushes() {
    return Arbitraries.integers().between(0, 60).set().ofMaxSize(12);
  }
}
