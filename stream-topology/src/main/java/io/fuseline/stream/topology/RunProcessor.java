package io.fuseline.stream.topology;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.PricedSpans;
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
 * Loads a root run, has its span priced and judged, stores, and forwards verdicts, priced span and
 * deltas.
 */
final class RunProcessor extends ContextualProcessor<String, Arrival, Object, Object> {
  static final String RUNS = "runs";
  static final String SPANS = "run-spans";
  static final String DEADLINES = "run-deadlines";

  /** Root runs with an open episode, to be found without looking at all runs. */
  static final String WATCHED = "runs-with-episodes";

  private static final byte LOOK_AT_RUN = 0;
  private static final byte[] NOTHING = {};
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final TopologySettings settings;
  private final PriceBook prices;
  private final PolicyBook policies;
  private final Baselines baselines;
  private final FuselineMetrics metrics;
  private final Heartbeat heartbeat;
  private final RunJudge judge;
  private final RunClock clock;
  private final Verdicts verdicts = new Verdicts();

  private KeyValueStore<String, RunState> runs;
  private KeyValueStore<String, SpanRecord> spans;
  private KeyValueStore<String, byte[]> watched;
  private Deadlines deadlines;
  private Cancellable looks;

  RunProcessor(
      TopologySettings settings,
      PriceBook prices,
      PolicyBook policies,
      Baselines baselines,
      FuselineMetrics metrics,
      Heartbeat heartbeat) {
    this.settings = settings;
    this.prices = prices;
    this.policies = policies;
    this.baselines = baselines;
    this.metrics = metrics;
    this.heartbeat = heartbeat;
    this.judge = new RunJudge(settings.currency());
    this.clock = new RunClock(judge, settings.runIdle(), settings.runRetention());
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    super.init(context);
    runs = context.getStateStore(RUNS);
    spans = context.getStateStore(SPANS);
    watched = context.getStateStore(WATCHED);
    KeyValueStore<Bytes, byte[]> deadlineStore = context.getStateStore(DEADLINES);
    deadlines = new Deadlines(deadlineStore);
    looks = context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::lookAtRuns);
  }

  @Override
  public void close() {
    if (looks != null) {
      looks.cancel();
    }
  }

  @Override
  public void process(Record<String, Arrival> record) {
    CheckedSpan.Accepted checked = record.value().span();
    String rootRunId = checked.rootRunId();
    RunState run = runs.get(rootRunId);
    String refusal = run == null ? null : run.refusal(checked);
    if (refusal != null) {
      throw new InvalidSpanException("foreign_tenant", refusal, null);
    }
    long nowMicros = context().currentSystemTimeMs() * 1000;
    AgentSpan span = checked.span();
    String spanKey = SpanKeys.ofSpan(rootRunId, span.getSpanId());
    SpanRecord earlier = spans.get(spanKey);
    String responseKey = SpanKeys.ofResponse(rootRunId, span);
    boolean otherSpanHasResponse =
        earlier == null && responseKey != null && spans.get(responseKey) != null;

    Pricing pricing = prices.price(span, checked.eventTimeMicros());
    SpanFacts facts = SpanReader.facts(checked, pricing);
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
    if (responseKey != null) {
      spans.put(responseKey, result.record());
    }
    runs.put(rootRunId, run);
    watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());

    forwardVerdicts(record.timestamp());
    Deltas.of(result, facts, (key, delta) -> forwardDelta(key, delta, record.timestamp()));
    if (span.getPhase() != SpanPhase.START) {
      if (pricing.status() == CostStatus.UNPRICED || pricing.status() == CostStatus.PARTIAL) {
        metrics.unpriced();
      }
      if (settings.writePricedSpans()) {
        context()
            .forward(
                new Record<>(
                    rootRunId,
                    PricedSpans.of(checked, pricing, settings.currency()),
                    record.timestamp()));
      }
    }
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
    heartbeat.beat(nowMillis);
    long nowMicros = nowMillis * 1000;
    PolicySet current = policies.current();
    for (Deadlines.Due due : deadlines.take(nowMicros)) {
      String rootRunId = new String(due.what(), StandardCharsets.UTF_8);
      RunState run = runs.get(rootRunId);
      if (run != null) {
        look(rootRunId, run, due.micros(), current, nowMillis);
      }
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
        runs.put(rootRunId, run);
        watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());
        forwardVerdicts(nowMillis);
        Deltas.left(run, rootRunId, (key, delta) -> forwardDelta(key, delta, nowMillis));
      }
    }
  }

  private void watch(String rootRunId, boolean before, boolean now) {
    if (now && !before) {
      watched.put(rootRunId, NOTHING);
    } else if (before && !now) {
      watched.delete(rootRunId);
    }
  }

  private void setAlarm(String rootRunId, RunState run) {
    deadlines.set(run.deadlineMicros(), LOOK_AT_RUN, rootRunId.getBytes(StandardCharsets.UTF_8));
  }

  private void forwardDelta(ScopeKey key, Delta delta, long timestamp) {
    context().forward(new Record<>(key, delta, timestamp));
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
