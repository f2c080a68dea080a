package io.fuseline.stream.judge;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.schemas.Dimension;
import io.fuseline.stream.policy.Subject;
import java.util.Map;
import java.util.TreeMap;

/**
 * Books what runs achieve. An outcome counts for its tenant, for its type, and for the agent,
 * workflow, team, project and cost centre that the root run's own spans name; it waits for the
 * first of these when it comes before them. What the run has spent and will spend counts for its
 * type as well: in whatever order spans and outcomes come, each cent is booked once under each type
 * of outcome that the run has, at the time the span was booked at.
 */
public final class Outcomes {
  private Outcomes() {}

  /** The state of a root run that is known by its outcome alone. */
  public static RunState open(CheckedOutcome.Accepted outcome, long nowMicros) {
    RunState run = new RunState(outcome.tenant(), outcome.occurredMicros());
    run.lastWall = nowMicros;
    return run;
  }

  /**
   * Counts an outcome that was not counted before.
   *
   * @return the type under which what the run has spent so far is to be booked now, see {@link
   *     Spent}; null when that was done before
   */
  public static String book(
      RunState run, CheckedOutcome.Accepted outcome, Deltas.Receiver receiver) {
    if (run.outcomes == null) {
      run.outcomes = new RunOutcomes();
    }
    Achieved given =
        new Achieved(outcome.type(), outcome.successes(), outcome.failures(), outcome.valuePico());
    int known = run.outcomes.counts.types().size();
    String type = run.outcomes.counts.add(given);
    Achieved achieved = new Achieved(type, given.successes(), given.failures(), given.value());
    Delta delta = delta(outcome.rootRunId(), achieved, outcome.occurredMicros());
    receiver.accept(new ScopeKey(Dimension.TENANT, run.tenant, run.tenant), delta);
    receiver.accept(new ScopeKey(Dimension.OUTCOME, run.tenant, type), delta);
    run.outcomes.await(achieved, outcome.occurredMicros());
    ascribe(run, outcome.rootRunId(), receiver);
    return run.outcomes.counts.types().size() > known ? type : null;
  }

  /** Tells the scopes of the root run what has waited for it to say whose it is. */
  public static void ascribe(RunState run, String rootRunId, Deltas.Receiver receiver) {
    ascribe(run, rootRunId, run.subject, receiver);
  }

  /**
   * The same for a run of which no span of the root run itself is known.
   *
   * @param subject whose it is taken to be; null for nobody known
   */
  public static void ascribe(
      RunState run, String rootRunId, Subject subject, Deltas.Receiver receiver) {
    if (subject == null || !isWaiting(run)) {
      return;
    }
    for (RunOutcomes.Waiting one : run.outcomes.takeWaiting()) {
      Delta delta = delta(rootRunId, one.achieved(), one.occurredMicros());
      Deltas.send(Dimension.AGENT, run.tenant, subject.agent(), delta, receiver);
      Deltas.send(Dimension.WORKFLOW, run.tenant, subject.workflow(), delta, receiver);
      Deltas.send(Dimension.TEAM, run.tenant, subject.team(), delta, receiver);
      Deltas.send(Dimension.PROJECT, run.tenant, subject.project(), delta, receiver);
      Deltas.send(Dimension.COST_CENTRE, run.tenant, subject.costCentre(), delta, receiver);
    }
  }

  /** True while it is not known which scopes some of the run's outcomes belong to. */
  public static boolean isWaiting(RunState run) {
    return run.outcomes != null && run.outcomes.isWaiting();
  }

  /**
   * What reaches the tenant of a run with outcomes reaches their types too.
   *
   * @param kept what is kept of the span at hand; one that costs nothing whatever the prices is no
   *     part of what an outcome costs, since it is not kept to be told later
   */
  public static Deltas.Receiver costsOf(RunState run, SpanRecord kept, Deltas.Receiver receiver) {
    if (run.outcomes == null) {
      return receiver;
    }
    return (key, delta) -> {
      receiver.accept(key, delta);
      boolean counts = delta.cause() != Delta.Cause.SPAN || kept.booked() != null;
      if (key.dimension() == Dimension.TENANT && counts) {
        for (String type : run.outcomes.counts.types()) {
          receiver.accept(new ScopeKey(Dimension.OUTCOME, key.tenant(), type), delta);
        }
      }
    };
  }

  private static Delta delta(String rootRunId, Achieved achieved, long occurredMicros) {
    return new Delta(
        Delta.Cause.OUTCOME,
        occurredMicros,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        rootRunId,
        null,
        null,
        null,
        Delta.Presence.UNCHANGED,
        null,
        0,
        null,
        achieved);
  }

  /**
   * What a run had spent before its first outcome of a type: the kept spans, added up by minute. A
   * correction of a final span stands with its span, since its own time is not kept.
   */
  public static final class Spent {
    private final Map<Long, Sum> byMinute = new TreeMap<>();
    private Subject first;
    private long firstMicros = Long.MAX_VALUE;

    private static final class Sum {
      long eventMicros;
      long cost;
      long listCost;
      long bound;
      int spans;
      int llmCalls;
      int toolCalls;
      int errors;
      int unpricedSpans;
      long tokens;

      void add(Booking booking) {
        eventMicros = Math.max(eventMicros, booking.eventMicros());
        cost = Math.addExact(cost, booking.cost());
        listCost = Math.addExact(listCost, booking.listCost());
        bound = Math.addExact(bound, booking.bound());
        spans += booking.spans();
        llmCalls += booking.llmCalls();
        toolCalls += booking.toolCalls();
        errors += booking.errors();
        unpricedSpans += booking.unpricedSpans();
        tokens += booking.tokens();
      }
    }

    /** Adds a kept span with its corrections, each at the time it was booked at. */
    public void add(SpanRecord kept) {
      if (kept.booked() == null) {
        return;
      }
      if (kept.eventMicros() < firstMicros) {
        firstMicros = kept.eventMicros();
        first = kept.booked().subject();
      }
      add(kept.firstBooked());
      for (Adjustment adjustment : kept.adjustments()) {
        add(kept.booked().only(adjustment));
      }
    }

    private void add(Booking booking) {
      byMinute
          .computeIfAbsent(
              Math.floorDiv(booking.eventMicros(), Times.MICROS_PER_MINUTE), minute -> new Sum())
          .add(booking);
    }

    /** Whom the earliest of the spans names; null when there are none. */
    public Subject first() {
      return first;
    }

    /** Books it under a type of outcome. */
    public void book(RunState run, String rootRunId, String type, Deltas.Receiver receiver) {
      ScopeKey key = new ScopeKey(Dimension.OUTCOME, run.tenant, type);
      for (Sum sum : byMinute.values()) {
        receiver.accept(
            key,
            new Delta(
                Delta.Cause.SPAN,
                sum.eventMicros,
                sum.cost,
                sum.listCost,
                sum.bound,
                sum.spans,
                sum.llmCalls,
                sum.toolCalls,
                sum.errors,
                sum.unpricedSpans,
                sum.tokens,
                rootRunId,
                null,
                null,
                null,
                Delta.Presence.UNCHANGED,
                null,
                0,
                null,
                null));
      }
    }
  }
}
