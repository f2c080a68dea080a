package io.fuseline.deploy.replay;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.topology.TopologySettings;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The root runs, in memory: has each span judged, keeps what the judge wants kept, hands on
 * verdicts and deltas. Stands where the topology has its run processor.
 */
final class Runs {
  private final RunJudge judge;
  private final PolicySet policies;
  private final EventClock clock;
  private final Scopes scopes;
  private final Recorder recorder;
  private final long idleMicros;
  private final long retentionMicros;
  private final Map<String, KeptRun> runs = new HashMap<>();
  private final Verdicts verdicts = new Verdicts();

  Runs(
      String currency,
      TopologySettings settings,
      PolicySet policies,
      EventClock clock,
      Scopes scopes,
      Recorder recorder) {
    this.judge = new RunJudge(currency);
    this.policies = policies;
    this.clock = clock;
    this.scopes = scopes;
    this.recorder = recorder;
    this.idleMicros = micros(settings.runIdle());
    this.retentionMicros = micros(settings.runRetention());
  }

  private record Response(String provider, String responseId) {}

  /** A run, its spans in their compact form, and the responses that were booked. */
  private static final class KeptRun {
    final RunState state;
    final Map<String, byte[]> spans = new HashMap<>();
    final Set<Response> responses = new HashSet<>();

    KeptRun(RunState state) {
      this.state = state;
    }
  }

  /** Books and judges a span as of the clock's time. */
  void accept(PricedArrival arrival) throws IOException {
    CheckedSpan.Accepted checked = arrival.span();
    AgentSpan span = checked.span();
    KeptRun run = runs.get(checked.rootRunId());
    if (run != null && !run.state.tenant().equals(checked.tenant())) {
      recorder.deadLetter(foreign(arrival));
      return;
    }
    if (run == null) {
      run = new KeptRun(judge.open(arrival.facts()));
    }
    SpanRecord earlier = SpanRecord.fromBytes(run.spans.get(span.getSpanId()));
    Response response = response(span);
    boolean otherSpanHasResponse =
        earlier == null && response != null && run.responses.contains(response);
    boolean wakes = run.state.deadlineMicros() == 0 || run.state.idle();
    RunJudge.Result result =
        judge.onSpan(
            run.state,
            earlier,
            otherSpanHasResponse,
            arrival.facts(),
            policies,
            scopes.baselines(),
            clock.now(),
            verdicts);
    if (result.disposition() == RunJudge.Disposition.DUPLICATE) {
      recorder.duplicate();
      return;
    }
    runs.put(checked.rootRunId(), run);
    run.spans.put(span.getSpanId(), result.record().toBytes());
    if (response != null) {
      run.responses.add(response);
    }
    if (wakes) {
      lookAgain(checked.rootRunId(), run.state, clock.now() + idleMicros);
    }
    recorder.verdicts(verdicts);
    Deltas.of(result, arrival.facts(), scopes);
    if (arrival.pricedJson() != null) {
      recorder.priced(arrival.pricedJson());
    }
  }

  /** Runs that have gone silent are let go; after their retention they are forgotten. */
  private void look(String rootRunId, RunState run, long dueMicros) {
    if (run.deadlineMicros() != dueMicros) {
      return; // it was set anew since
    }
    long idleAt = run.lastWallMicros() + idleMicros;
    long forgetAt = run.lastWallMicros() + retentionMicros;
    if (forgetAt <= clock.now()) {
      runs.remove(rootRunId);
    } else if (run.idle() || idleAt > clock.now()) {
      lookAgain(rootRunId, run, run.idle() ? forgetAt : idleAt);
    } else {
      judge.onIdle(run, rootRunId, policies, clock.now(), verdicts);
      lookAgain(rootRunId, run, forgetAt);
      recorder.verdicts(verdicts);
      for (String agent : run.agents()) {
        Deltas.presence(
            new Subject(run.tenant(), agent, null, null, null, null, null, null),
            rootRunId,
            run.lastWallMicros(),
            Delta.Presence.LEFT,
            scopes);
      }
    }
  }

  private void lookAgain(String rootRunId, RunState run, long atMicros) {
    run.setDeadlineMicros(atMicros);
    clock.at(atMicros, () -> look(rootRunId, run, atMicros));
  }

  private static DeadLetter foreign(PricedArrival arrival) {
    CheckedSpan.Accepted span = arrival.span();
    return new DeadLetter(
        arrival.line(),
        "foreign_tenant",
        "tenant_id",
        "Span %s of tenant %s names root run %s, which belongs to another tenant. Root run ids must be unique; use a UUID."
            .formatted(span.span().getSpanId(), span.tenant(), span.rootRunId()));
  }

  private static Response response(AgentSpan span) {
    return span.getResponseId() == null || span.getResponseId().isEmpty()
        ? null
        : new Response(span.getProvider(), span.getResponseId());
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1000;
  }
}
