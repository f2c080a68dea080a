package io.fuseline.deploy.replay;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.stream.judge.Deltas;
import io.fuseline.stream.judge.Lineage;
import io.fuseline.stream.judge.Outcomes;
import io.fuseline.stream.judge.RunClock;
import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.SpanKeys;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.topology.TopologySettings;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The root runs, in memory: has each span judged, keeps what the judge wants kept, hands on
 * verdicts and deltas. Stands where the topology has its run processor.
 */
final class Runs {
  private final PriceBook prices;
  private final boolean keepsBookings;
  private final RunJudge judge;
  private final PolicySet policies;
  private final EventClock clock;
  private final Scopes scopes;
  private final ReplayListener listener;
  private final RunClock runClock;
  private final Map<String, KeptRun> runs = new HashMap<>();
  private final Verdicts verdicts = new Verdicts();

  Runs(
      PriceBook prices,
      TopologySettings settings,
      PolicySet policies,
      boolean keepsBookings,
      EventClock clock,
      Scopes scopes,
      ReplayListener listener) {
    this.prices = prices;
    this.keepsBookings = keepsBookings;
    this.judge = new RunJudge(prices.currency());
    this.policies = policies;
    this.clock = clock;
    this.scopes = scopes;
    this.listener = listener;
    this.runClock = new RunClock(judge, settings.runIdle(), settings.runRetention());
  }

  /** A run, its spans in their compact form, and the responses that were booked. */
  private static final class KeptRun {
    final RunState state;
    final Map<String, byte[]> spans = new HashMap<>();
    final Set<String> responses = new HashSet<>();
    final Set<String> outcomes = new HashSet<>();

    KeptRun(RunState state) {
      this.state = state;
    }
  }

  /** Books and judges a span as of the clock's time. */
  void accept(PricedArrival came) throws IOException {
    KeptRun run = runs.get(came.span().rootRunId());
    PricedArrival arrival = run == null ? came : attributed(came, run);
    CheckedSpan.Accepted checked = arrival.span();
    AgentSpan span = checked.span();
    String refusal = run == null ? null : run.state.refusal(checked);
    if (refusal != null) {
      listener.onDeadLetter(new DeadLetter(arrival.line(), "foreign_tenant", "tenant_id", refusal));
      return;
    }
    if (run == null) {
      run = new KeptRun(judge.open(arrival.facts()));
    }
    SpanRecord earlier = SpanRecord.fromBytes(run.spans.get(span.getSpanId()));
    String response = SpanKeys.ofResponse(checked.rootRunId(), span);
    boolean otherSpanHasResponse =
        earlier == null && response != null && run.responses.contains(response);
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
      listener.onDuplicate();
      return;
    }
    runs.put(checked.rootRunId(), run);
    SpanRecord record = keepsBookings ? result.record() : result.record().withoutPrice();
    run.spans.put(span.getSpanId(), record.toBytes());
    if (response != null) {
      run.responses.add(response);
    }
    if (runClock.wind(run.state, clock.now())) {
      setAlarm(checked.rootRunId(), run.state);
    }
    listener.onSpan(arrival, result);
    lookLater(checked.rootRunId());
    Told.to(listener, verdicts);
    Outcomes.ascribe(run.state, checked.rootRunId(), scopes);
    Deltas.of(result, arrival.facts(), Outcomes.costsOf(run.state, result.record(), scopes));
  }

  /** Counts an outcome with its run. */
  void accept(PastOutcome past) throws IOException {
    CheckedOutcome.Accepted outcome = past.outcome();
    String root = outcome.rootRunId();
    KeptRun run = runs.get(root);
    String refusal = run == null ? null : run.state.refusal(outcome);
    if (refusal != null) {
      listener.onDeadLetter(new DeadLetter(past.line(), "foreign_tenant", "tenant_id", refusal));
      return;
    }
    if (run == null) {
      run = new KeptRun(Outcomes.open(outcome, clock.now()));
      runs.put(root, run);
      runClock.wind(run.state, clock.now());
      setAlarm(root, run.state);
    }
    if (!run.outcomes.add(outcome.outcomeId())) {
      return;
    }
    String type = Outcomes.book(run.state, outcome, scopes);
    if (type != null) {
      spent(run).book(run.state, root, type, scopes);
    }
    if (run.state.idle()) {
      Outcomes.ascribe(run.state, root, spent(run).first(), scopes);
    }
  }

  private static Outcomes.Spent spent(KeptRun run) {
    Outcomes.Spent spent = new Outcomes.Spent();
    run.spans.values().forEach(bytes -> spent.add(SpanRecord.fromBytes(bytes)));
    return spent;
  }

  /** People are reminded; an approval is denied when nobody gives it in time, and nobody does. */
  private void lookLater(String rootRunId) {
    if (verdicts.lookAtMicros() != Long.MAX_VALUE) {
      clock.at(verdicts.lookAtMicros(), () -> decide(rootRunId));
    }
  }

  private void decide(String rootRunId) {
    KeptRun run = runs.get(rootRunId);
    if (run != null) {
      judge.onTime(run.state, rootRunId, policies, clock.now(), verdicts);
      lookLater(rootRunId);
      Told.to(listener, verdicts);
    }
  }

  /** A span that names no agent is its parent's agent's. */
  private PricedArrival attributed(PricedArrival came, KeptRun run) {
    String parent = Lineage.parentToAsk(came.span());
    if (parent == null) {
      return came;
    }
    CheckedSpan.Accepted span =
        Lineage.inherit(came.span(), SpanRecord.fromBytes(run.spans.get(parent)));
    return span == came.span() ? came : PricedArrival.of(came.line(), span, prices);
  }

  /** Runs that have gone silent are let go; after their retention they are forgotten. */
  private void look(String rootRunId, RunState run, long dueMicros) {
    switch (runClock.look(run, rootRunId, dueMicros, policies, clock.now(), verdicts)) {
      case VOID -> {}
      case FORGET -> runs.remove(rootRunId);
      case LATER -> setAlarm(rootRunId, run);
      case SILENT -> {
        setAlarm(rootRunId, run);
        Told.to(listener, verdicts);
        if (Outcomes.isWaiting(run)) {
          Outcomes.ascribe(run, rootRunId, spent(runs.get(rootRunId)).first(), scopes);
        }
        Deltas.left(run, rootRunId, scopes);
      }
    }
  }

  private void setAlarm(String rootRunId, RunState run) {
    long due = run.deadlineMicros();
    clock.at(due, () -> look(rootRunId, run, due));
  }
}
