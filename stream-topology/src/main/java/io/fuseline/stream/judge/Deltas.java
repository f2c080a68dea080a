package io.fuseline.stream.judge;

import io.fuseline.schemas.Dimension;
import io.fuseline.stream.policy.Subject;

/** Turns what a run booked into what each of its scopes has to add. */
public final class Deltas {
  private Deltas() {}

  /** Receives one scope's share. */
  @FunctionalInterface
  public interface Receiver {
    void accept(ScopeKey key, Delta delta);
  }

  /** One delta per dimension the booking has a value in. */
  public static void of(RunJudge.Result result, SpanFacts span, Receiver receiver) {
    if (result.reversed() != null) {
      Delta undone =
          delta(
              Delta.Cause.REWRITTEN,
              result.reversed(),
              span.spanId(),
              null,
              null,
              Delta.Presence.UNCHANGED,
              null,
              null);
      spread(result.reversed(), undone, undone, receiver);
    }
    for (Correction correction : result.uncorrected()) {
      correction(Delta.Cause.UNCORRECTED, correction, span.spanId(), null, receiver);
    }
    Delta.Presence presence = result.joined() ? Delta.Presence.JOINED : Delta.Presence.UNCHANGED;
    if (result.booked() != null) {
      spread(
          Delta.Cause.SPAN,
          result.booked(),
          span.spanId(),
          span.provider(),
          presence,
          result.sample(),
          ModelUse.of(span),
          receiver);
    } else if (result.joined()) {
      presence(span.subject(), span.rootRunId(), span.eventMicros(), presence, receiver);
    }
  }

  /** A correction reaches every scope that the span was booked under. */
  public static void of(Correction correction, String spanId, String provider, Receiver receiver) {
    correction(Delta.Cause.CORRECTED, correction, spanId, provider, receiver);
  }

  /** All agents of a run that has gone silent end to work on it. */
  public static void left(RunState run, String rootRunId, Receiver receiver) {
    for (String agent : run.agents()) {
      presence(
          new Subject(run.tenant(), agent, null, null, null, null, null, null),
          rootRunId,
          run.lastWallMicros(),
          Delta.Presence.LEFT,
          receiver);
    }
  }

  /** The agent begins or ends to work on a root run, at no cost. */
  private static void presence(
      Subject subject,
      String rootRunId,
      long eventMicros,
      Delta.Presence presence,
      Receiver receiver) {
    receiver.accept(
        new ScopeKey(Dimension.AGENT, subject.tenant(), subject.agent()),
        new Delta(
            Delta.Cause.SPAN,
            eventMicros,
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
            subject,
            presence,
            null,
            0,
            null));
  }

  /** A correction tells nothing new of the agent: what policies select on stays. */
  private static void correction(
      Delta.Cause cause, Correction correction, String spanId, String provider, Receiver receiver) {
    Booking change = correction.change();
    Delta delta =
        delta(cause, change, spanId, provider, null, Delta.Presence.UNCHANGED, null, null);
    spread(change, delta, delta, receiver);
  }

  private static void spread(
      Delta.Cause cause,
      Booking booking,
      String spanId,
      String provider,
      Delta.Presence presence,
      RunJudge.ToolSample sample,
      ModelUse use,
      Receiver receiver) {
    spread(
        booking,
        delta(cause, booking, spanId, provider, booking.subject(), presence, sample, use),
        delta(cause, booking, spanId, provider, null, Delta.Presence.UNCHANGED, null, null),
        receiver);
  }

  private static void spread(Booking booking, Delta ofAgent, Delta plain, Receiver receiver) {
    Subject subject = booking.subject();
    String tenant = subject.tenant();
    receiver.accept(new ScopeKey(Dimension.AGENT, tenant, subject.agent()), ofAgent);
    send(Dimension.TOOL, tenant, booking.tool(), plain, receiver);
    send(Dimension.STEP, tenant, booking.step(), plain, receiver);
    send(Dimension.MODEL, tenant, booking.model(), plain, receiver);
    send(Dimension.WORKFLOW, tenant, subject.workflow(), plain, receiver);
    send(Dimension.TEAM, tenant, subject.team(), plain, receiver);
    send(Dimension.PROJECT, tenant, subject.project(), plain, receiver);
    send(Dimension.COST_CENTRE, tenant, subject.costCentre(), plain, receiver);
    send(Dimension.TENANT, tenant, tenant, plain, receiver);
  }

  static void send(
      Dimension dimension, String tenant, String value, Delta delta, Receiver receiver) {
    if (value != null && !value.isEmpty()) {
      receiver.accept(new ScopeKey(dimension, tenant, value), delta);
    }
  }

  private static Delta delta(
      Delta.Cause cause,
      Booking booking,
      String spanId,
      String provider,
      Subject subject,
      Delta.Presence presence,
      RunJudge.ToolSample sample,
      ModelUse use) {
    return new Delta(
        cause,
        booking.eventMicros(),
        booking.cost(),
        booking.listCost(),
        booking.bound(),
        booking.spans(),
        booking.llmCalls(),
        booking.toolCalls(),
        booking.errors(),
        booking.unpricedSpans(),
        booking.tokens(),
        booking.rootRunId(),
        spanId,
        booking.unpricedSpans() > 0 ? provider : null,
        subject,
        presence,
        sample == null ? null : sample.tool(),
        sample == null ? 0 : sample.calls(),
        use);
  }
}
