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
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.SpanFacts;
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
  private final Verdicts verdicts = new Verdicts();

  private KeyValueStore<String, RunState> runs;
  private KeyValueStore<String, SpanRecord> spans;
  private KeyValueStore<String, byte[]> watched;
  private Deadlines deadlines;
  private Cancellable clock;

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
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    super.init(context);
    runs = context.getStateStore(RUNS);
    spans = context.getStateStore(SPANS);
    watched = context.getStateStore(WATCHED);
    KeyValueStore<Bytes, byte[]> deadlineStore = context.getStateStore(DEADLINES);
    deadlines = new Deadlines(deadlineStore);
    clock = context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::lookAtRuns);
  }

  @Override
  public void close() {
    if (clock != null) {
      clock.cancel();
    }
  }

  @Override
  public void process(Record<String, Arrival> record) {
    CheckedSpan.Accepted checked = record.value().span();
    String rootRunId = checked.rootRunId();
    RunState run = runs.get(rootRunId);
    if (run != null && !run.tenant().equals(checked.tenant())) {
      throw new InvalidSpanException(
          "foreign_tenant",
          "Span %s of tenant %s names root run %s, which belongs to another tenant. Root run ids must be unique; use a UUID."
              .formatted(checked.span().getSpanId(), checked.tenant(), rootRunId),
          null);
    }
    long nowMicros = context().currentSystemTimeMs() * 1000;
    AgentSpan span = checked.span();
    String spanKey = SpanKeys.ofSpan(rootRunId, span.getSpanId());
    SpanRecord earlier = spans.get(spanKey);
    String responseKey = responseKey(rootRunId, span);
    boolean otherSpanHasResponse =
        earlier == null && responseKey != null && spans.get(responseKey) != null;

    Pricing pricing = prices.price(span, checked.eventTimeMicros());
    SpanFacts facts = SpanReader.facts(checked, pricing);
    if (run == null) {
      run = judge.open(facts);
    }
    boolean hadEpisodes = run.hasOpenEpisodes();
    boolean wakes = run.deadlineMicros() == 0 || run.idle();
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
    if (wakes) {
      lookAgain(rootRunId, run, nowMicros + micros(settings.runIdle()));
    }
    spans.put(spanKey, result.record());
    if (responseKey != null) {
      spans.put(responseKey, result.record());
    }
    runs.put(rootRunId, run);
    watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());

    forwardVerdicts(record.timestamp());
    Deltas.of(
        result,
        facts,
        (key, delta) -> context().forward(new Record<>(key, delta, record.timestamp())));
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
      if (run == null || run.deadlineMicros() != due.micros()) {
        continue; // it was set anew since
      }
      long idleAt = run.lastWallMicros() + micros(settings.runIdle());
      long forgetAt = run.lastWallMicros() + micros(settings.runRetention());
      if (forgetAt <= nowMicros) {
        forget(rootRunId);
      } else if (run.idle() || idleAt > nowMicros) {
        lookAgain(rootRunId, run, run.idle() ? forgetAt : idleAt);
        runs.put(rootRunId, run);
      } else {
        boolean hadEpisodes = run.hasOpenEpisodes();
        judge.onIdle(run, rootRunId, current, nowMicros, verdicts);
        lookAgain(rootRunId, run, forgetAt);
        runs.put(rootRunId, run);
        watch(rootRunId, hadEpisodes, run.hasOpenEpisodes());
        forwardVerdicts(nowMillis);
        for (String agent : run.agents()) {
          Deltas.presence(
              new Subject(run.tenant(), agent, null, null, null, null, null, null),
              rootRunId,
              run.lastWallMicros(),
              Delta.Presence.LEFT,
              (key, delta) -> context().forward(new Record<>(key, delta, nowMillis)));
        }
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

  private void lookAgain(String rootRunId, RunState run, long atMicros) {
    run.setDeadlineMicros(atMicros);
    deadlines.set(atMicros, LOOK_AT_RUN, rootRunId.getBytes(StandardCharsets.UTF_8));
  }

  private void forget(String rootRunId) {
    runs.delete(rootRunId);
    watched.delete(rootRunId);
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, SpanRecord> all =
        spans.prefixScan(rootRunId + SpanKeys.SEPARATOR, new StringSerializer())) {
      while (all.hasNext()) {
        KeyValue<String, SpanRecord> entry = all.next();
        keys.add(entry.key);
      }
    }
    keys.forEach(spans::delete);
  }

  private static String responseKey(String rootRunId, AgentSpan span) {
    return span.getResponseId() == null || span.getResponseId().isEmpty()
        ? null
        : SpanKeys.ofResponse(rootRunId, span.getProvider(), span.getResponseId());
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1000;
  }
}
