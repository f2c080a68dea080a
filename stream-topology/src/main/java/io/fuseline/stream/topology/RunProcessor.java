package io.fuseline.stream.topology;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.price.PricingNote;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostCorrection;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.BillingPeriods;
import io.fuseline.stream.judge.Correction;
import io.fuseline.stream.judge.CostCorrections;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.DeltaSum;
import io.fuseline.stream.judge.DeltaSums;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.Lineage;
import io.fuseline.stream.judge.Outcomes;
import io.fuseline.stream.judge.PricedSpans;
import io.fuseline.stream.judge.Repricing;
import io.fuseline.stream.judge.RunClock;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.SpanFacts;
import io.fuseline.stream.judge.SpanKeys;
import io.fuseline.stream.judge.SpanReader;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Loads a root run, has its span priced and judged, or its outcome counted, stores, and forwards
 * verdicts, priced span and deltas. When prices have changed, has the kept spans priced again and
 * what differs corrected.
 */
final class RunProcessor extends ContextualProcessor<String, RunInput, Object, Object> {
  static final String RUNS = "runs";
  static final String SPANS = "run-spans";
  static final String DEADLINES = "run-deadlines";

  /** Root runs with an open episode, to be found without looking at all runs. */
  static final String WATCHED = "runs-with-episodes";

  /** Sends the sums of deltas. */
  static final String OUTBOX = "run-outbox";

  /** Spans named as proof of what corrections led to. */
  private static final int MOST_PROOFS = 64;

  private static final byte LOOK_AT_RUN = 0;
  private static final byte LOOK_AT_EPISODES = 1;
  private static final byte[] NOTHING = {};
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** What was priced by which prices; see {@link RepricingScan}. */
  static final String REPRICING = "repricing";

  /** How often a task asks for a slice of time; {@link RepricingTurns} says when it gets one. */
  private static final Duration REPRICE_EVERY = Duration.ofMillis(20);

  private final TopologySettings settings;
  private final PriceFeed prices;
  private final RepricingTurns turns;
  private final PolicyBook policies;
  private final Baselines baselines;
  private final DecisionBook decisions;
  private final FuselineMetrics metrics;
  private final Heartbeat heartbeat;
  private final RunJudge judge;
  private final RunClock clock;
  private final Repricing repricing;
  private final Verdicts verdicts = new Verdicts();
  private final WorkLock working = new WorkLock();

  /** What scopes are to be sent with the next commit. */
  private final DeltaSums sums = new DeltaSums();

  private DecodedStore<String, RunState> runs;
  private DecodedStore<String, SpanRecord> spans;
  private KeyValueStore<String, byte[]> watched;
  private Deadlines deadlines;
  private Heartbeat.Pulse pulse;
  private long decisionsSeen;
  private PolicySet policiesSeen;
  private RepricingScan scan;
  private Cancellable looks;
  private Cancellable reprices;
  private boolean repricingNow;

  RunProcessor(
      TopologySettings settings,
      PriceFeed prices,
      RepricingTurns turns,
      PolicyBook policies,
      Baselines baselines,
      DecisionBook decisions,
      FuselineMetrics metrics,
      Heartbeat heartbeat) {
    this.settings = settings;
    this.prices = prices;
    this.turns = turns;
    this.policies = policies;
    this.baselines = baselines;
    this.decisions = decisions;
    this.metrics = metrics;
    this.heartbeat = heartbeat;
    this.judge = new RunJudge(settings.currency(), decisions);
    this.clock = new RunClock(judge, settings.runIdle(), settings.runRetention());
    this.repricing = new Repricing(new BillingPeriods(settings.billingCloseAfter()));
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    super.init(context);
    pulse = heartbeat.begin(context.taskId(), context.currentSystemTimeMs());
    sums.clear(); // a task that is begun again has not committed what waited
    runs = DecodedStore.owned(context.getStateStore(RUNS));
    runs.guardedBy(working);
    spans = DecodedStore.owned(context.getStateStore(SPANS));
    spans.guardedBy(working);
    watched = context.getStateStore(WATCHED);
    KeyValueStore<Bytes, byte[]> deadlineStore = context.getStateStore(DEADLINES);
    deadlines = new Deadlines(deadlineStore);
    Outbox.owned(context.getStateStore(OUTBOX)).beforeEachCommit(context, this::forwardSums);
    scan = new RepricingScan(prices, spans, context.getStateStore(REPRICING));
    looks =
        context.schedule(
            LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, working.around(this::lookAtRuns));
    reprices =
        context.schedule(
            REPRICE_EVERY, PunctuationType.WALL_CLOCK_TIME, working.around(this::repriceSome));
  }

  @Override
  public void close() {
    sums.clear();
    if (looks != null) {
      looks.cancel();
      reprices.cancel();
      rest();
      heartbeat.end(context().taskId(), pulse);
    }
  }

  @Override
  public void process(Record<String, RunInput> record) {
    working.lock();
    try {
      take(record);
    } finally {
      working.unlock();
    }
  }

  private void take(Record<String, RunInput> record) {
    pulse.saw(record.timestamp());
    if (record.value() instanceof OutcomeArrival arrival) {
      onOutcome(arrival.outcome(), record.timestamp());
    } else {
      onSpan((Arrival) record.value(), record.timestamp());
    }
  }

  private void onSpan(Arrival arrival, long timestamp) {
    String rootRunId = arrival.span().rootRunId();
    CheckedSpan.Accepted checked = attributed(arrival.span());
    RunState run = runs.live(rootRunId);
    String refusal = run == null ? null : run.refusal(checked);
    if (refusal != null) {
      throw new InvalidSpanException("foreign_tenant", refusal, null);
    }
    long nowMicros = context().currentSystemTimeMs() * 1000;
    AgentSpan span = checked.span();
    String spanKey = SpanKeys.ofSpan(rootRunId, span.getSpanId());
    SpanRecord earlier = known(run, spanKey);
    String responseKey = SpanKeys.ofResponse(rootRunId, span);
    boolean otherSpanHasResponse =
        earlier == null && responseKey != null && known(run, responseKey) != null;

    SpanFacts facts = SpanReader.facts(checked, prices.book());
    scan.onPriced();
    if (run == null) {
      run = judge.open(facts);
    }
    boolean hadEpisodes = run.hasOpenEpisodes();
    RunJudge.Result result =
        judge.onSpan(
            run,
            earlier,
            otherSpanHasResponse,
            facts,
            policies.current(),
            baselines,
            nowMicros,
            verdicts);
    if (result.disposition() == RunJudge.Disposition.DUPLICATE) {
      metrics.duplicate();
      return;
    }
    if (clock.wind(run, nowMicros)) {
      setAlarm(rootRunId, run);
    }
    spans.put(spanKey, result.record());
    run.see(spanKey);
    if (responseKey != null) {
      spans.put(responseKey, SpanRecord.RESPONSE);
      run.see(responseKey);
    }
    Deltas.Receiver scopes = (key, delta) -> forwardDelta(key, delta, timestamp);
    Outcomes.ascribe(run, rootRunId, scopes);
    runs.put(rootRunId, run);
    watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());

    forwardVerdicts(timestamp);
    Deltas.of(result, facts, Outcomes.costsOf(run, result.record(), scopes));
    for (Correction correction : result.uncorrected()) {
      forwardCorrection(span.getSpanId(), correction, nowMicros);
    }
    if (span.getPhase() != SpanPhase.START) {
      if (!result.record().priced()) {
        metrics.unpriced();
      }
      if (span.getStatus() != SpanStatus.ERROR
          && facts.pricing().notes().contains(PricingNote.USAGE_MISSING)) {
        metrics.usageMissing();
      }
      if (settings.writePricedSpans()) {
        context()
            .forward(
                new Record<>(
                    rootRunId,
                    PricedSpans.of(checked, facts.pricing(), settings.currency()),
                    timestamp));
      }
    }
  }

  private void onOutcome(CheckedOutcome.Accepted outcome, long timestamp) {
    String rootRunId = outcome.rootRunId();
    RunState run = runs.live(rootRunId);
    String refusal = run == null ? null : run.refusal(outcome);
    if (refusal != null) {
      throw new InvalidSpanException("foreign_tenant", refusal, null);
    }
    String key = SpanKeys.ofOutcome(rootRunId, outcome.outcomeId());
    if (spans.live(key) != null) {
      metrics.duplicateOutcome();
      return;
    }
    long nowMicros = context().currentSystemTimeMs() * 1000;
    if (run == null) {
      run = Outcomes.open(outcome, nowMicros);
      clock.wind(run, nowMicros);
      setAlarm(rootRunId, run);
    }
    Deltas.Receiver scopes = (scope, delta) -> forwardDelta(scope, delta, timestamp);
    String type = Outcomes.book(run, outcome, scopes);
    if (type != null) {
      spent(rootRunId).book(run, rootRunId, type, scopes);
    }
    if (run.idle()) {
      ascribeAtLast(rootRunId, run, scopes);
    }
    spans.put(key, SpanRecord.OUTCOME);
    runs.put(rootRunId, run);
    metrics.outcome(outcome.successes() > 0);
  }

  /** No span of the root run itself came: its outcomes are taken to be its first span's. */
  private void ascribeAtLast(String rootRunId, RunState run, Deltas.Receiver scopes) {
    if (Outcomes.isWaiting(run)) {
      Outcomes.ascribe(run, rootRunId, spent(rootRunId).first(), scopes);
    }
  }

  /** What stands in the books for a run, as its kept spans tell. */
  private Outcomes.Spent spent(String rootRunId) {
    Outcomes.Spent spent = new Outcomes.Spent();
    try (KeyValueIterator<String, SpanRecord> all =
        spans.prefixScan(SpanKeys.prefix(rootRunId), new StringSerializer())) {
      while (all.hasNext()) {
        spent.add(all.next().value);
      }
    }
    return spent;
  }

  /** What is kept of a span or response; of a run that was just opened nothing is. */
  private SpanRecord known(RunState run, String key) {
    return run == null || !run.mayHaveSeen(key) ? null : spans.live(key);
  }

  /** A span that names no agent is its parent's agent's. */
  private CheckedSpan.Accepted attributed(CheckedSpan.Accepted checked) {
    String parent = Lineage.parentToAsk(checked);
    return parent == null
        ? checked
        : Lineage.inherit(checked, spans.live(SpanKeys.ofSpan(checked.rootRunId(), parent)));
  }

  private void repriceSome(long nowMillis) {
    if (!scan.isDue(nowMillis)) {
      if (repricingNow && !scan.isUnsettled()) {
        rest();
      }
      return;
    }
    if (!repricingNow) {
      repricingNow = true;
      metrics.repricing(context().taskId().toString(), true);
    }
    RepricingTurns.Slice slice = turns.ask(context().taskId());
    if (slice == null) {
      return;
    }
    Correcting correcting = new Correcting(slice, nowMillis);
    scan.walk(correcting);
    correcting.leaveRun();
    slice.end();
    metrics.repriced(correcting.looked);
  }

  /** All kept spans stand by the book, or the task goes elsewhere. */
  private void rest() {
    repricingNow = false;
    turns.leave(context().taskId());
    metrics.repricing(context().taskId().toString(), false);
  }

  /** Prices spans again for as long as the slice lasts, run after run. */
  private final class Correcting implements RepricingScan.Visitor {
    private final RepricingTurns.Slice slice;
    private final long nowMillis;
    private final List<String> corrected = new ArrayList<>();
    private String rootRunId;
    private RunState run;
    private Subject agent;
    private long looked;

    Correcting(RepricingTurns.Slice slice, long nowMillis) {
      this.slice = slice;
      this.nowMillis = nowMillis;
    }

    @Override
    public boolean goesOn() {
      return slice.goesOn();
    }

    @Override
    public void visit(String key, SpanRecord record) {
      looked++;
      if (record.booked() == null || record.billable() == null) {
        return;
      }
      Repricing.Repriced repriced =
          repricing.compare(record, prices.book().price(record.billable()), nowMillis * 1000);
      if (repriced == null) {
        return;
      }
      if (repriced.correction() == null) {
        spans.put(key, repriced.record());
        return;
      }
      enterRun(record.booked().rootRunId());
      if (run != null) {
        correct(key, repriced);
      }
    }

    private void correct(String key, Repricing.Repriced repriced) {
      String spanId = SpanKeys.spanId(rootRunId, key);
      Correction correction = repriced.correction();
      judge.onCorrection(run, correction);
      spans.put(key, repriced.record());
      corrected.add(spanId);
      agent = correction.change().subject();
      forwardCorrection(spanId, correction, nowMillis * 1000);
      Deltas.of(
          correction,
          spanId,
          repriced.record().billable().provider(),
          Outcomes.costsOf(
              run, repriced.record(), (scope, delta) -> forwardDelta(scope, delta, nowMillis)));
    }

    private void enterRun(String next) {
      if (!next.equals(rootRunId)) {
        leaveRun();
        rootRunId = next;
        run = runs.live(next);
      }
    }

    /**
     * A run is judged once for all of its spans in the slice, not by what it came to in between.
     */
    void leaveRun() {
      if (corrected.isEmpty()) {
        return;
      }
      boolean hadEpisodes = run.hasOpenEpisodes();
      judge.onCorrected(
          run,
          rootRunId,
          corrected.subList(0, Math.min(MOST_PROOFS, corrected.size())),
          agent,
          policies.current(),
          nowMillis * 1000,
          verdicts);
      runs.put(rootRunId, run);
      watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());
      forwardVerdicts(nowMillis);
      corrected.clear();
    }
  }

  private void forwardCorrection(String spanId, Correction correction, long nowMicros) {
    CostCorrection record = CostCorrections.of(spanId, correction, settings.currency(), nowMicros);
    context().forward(new Record<>(record.getRootRunId(), record, nowMicros / 1000));
    metrics.correction(record.getReason(), record.getCost());
  }

  private void forwardVerdicts(long spanTimestamp) {
    if (verdicts.isEmpty()) {
      return;
    }
    VerdictForwarder.forward(context(), verdicts, spanTimestamp, metrics);
    verdicts.clear();
  }

  /** Runs that have gone silent are let go; after their retention they are forgotten. */
  private void lookAtRuns(long nowMillis) {
    pulse.beat(nowMillis);
    lookAtDecisions(nowMillis);
    long nowMicros = nowMillis * 1000;
    PolicySet current = policies.current();
    for (Deadlines.Due due : deadlines.take(nowMicros)) {
      String rootRunId = new String(due.what(), StandardCharsets.UTF_8);
      RunState run = runs.live(rootRunId);
      if (run != null && due.kind() == LOOK_AT_EPISODES) {
        judge.onTime(run, rootRunId, current, nowMicros, verdicts);
        keepDecided(rootRunId, run, nowMillis);
      } else if (run != null) {
        look(rootRunId, run, due.micros(), current, nowMillis);
      }
    }
  }

  /** A run that rests sends no span: what a raised cap or a changed policy lets go is told here. */
  private void lookAtDecisions(long nowMillis) {
    long changes = decisions.changes();
    PolicySet current = policies.current();
    if (changes == decisionsSeen && current == policiesSeen) {
      return;
    }
    decisionsSeen = changes;
    policiesSeen = current;
    List<String> rootRunIds = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = watched.all()) {
      while (all.hasNext()) {
        rootRunIds.add(all.next().key);
      }
    }
    for (String rootRunId : rootRunIds) {
      RunState run = runs.live(rootRunId);
      if (run == null) {
        continue;
      }
      judge.onPolicies(run, rootRunId, current, nowMillis * 1000, verdicts);
      judge.onDecisions(run, rootRunId, current, nowMillis * 1000, verdicts);
      keepDecided(rootRunId, run, nowMillis);
    }
  }

  private void keepDecided(String rootRunId, RunState run, long nowMillis) {
    if (!verdicts.isEmpty()) {
      runs.put(rootRunId, run);
      watch(rootRunId, true, run.hasOpenEpisodes());
      forwardVerdicts(nowMillis);
    }
  }

  private void look(
      String rootRunId, RunState run, long dueMicros, PolicySet current, long nowMillis) {
    boolean hadEpisodes = run.hasOpenEpisodes();
    switch (clock.look(run, rootRunId, dueMicros, current, nowMillis * 1000, verdicts)) {
      case VOID -> {}
      case FORGET -> forget(rootRunId);
      case LATER -> {
        setAlarm(rootRunId, run);
        runs.put(rootRunId, run);
      }
      case SILENT -> {
        setAlarm(rootRunId, run);
        ascribeAtLast(rootRunId, run, (key, delta) -> forwardDelta(key, delta, nowMillis));
        runs.put(rootRunId, run);
        watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());
        forwardVerdicts(nowMillis);
        Deltas.left(run, rootRunId, (key, delta) -> forwardDelta(key, delta, nowMillis));
      }
    }
  }

  private void watch(String rootRunId, boolean before, boolean now) {
    if (verdicts.lookAtMicros() != Long.MAX_VALUE) {
      deadlines.set(
          verdicts.lookAtMicros(), LOOK_AT_EPISODES, rootRunId.getBytes(StandardCharsets.UTF_8));
    }
    if (now && !before) {
      watched.put(rootRunId, NOTHING);
    } else if (before && !now) {
      watched.delete(rootRunId);
    }
  }

  private void setAlarm(String rootRunId, RunState run) {
    deadlines.set(run.deadlineMicros(), LOOK_AT_RUN, rootRunId.getBytes(StandardCharsets.UTF_8));
  }

  /** Deltas wait for the commit, without which their readers do not see them anyway. */
  private void forwardDelta(ScopeKey key, Delta delta, long timestamp) {
    sums.add(key, delta, timestamp, this::forwardSum);
  }

  private void forwardSums() {
    sums.takeAll(this::forwardSum);
  }

  private void forwardSum(ScopeKey key, DeltaSum sum, long timestamp) {
    context().forward(new Record<>(key, sum, timestamp));
  }

  private void forget(String rootRunId) {
    runs.delete(rootRunId);
    watched.delete(rootRunId);
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, SpanRecord> all =
        spans.prefixScan(SpanKeys.prefix(rootRunId), new StringSerializer())) {
      while (all.hasNext()) {
        KeyValue<String, SpanRecord> entry = all.next();
        keys.add(entry.key);
      }
    }
    keys.forEach(spans::delete);
  }
}
