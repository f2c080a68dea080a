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
      spread(result.reversed(), span.spanId(), Delta.Presence.UNCHANGED, null, receiver);
    }
    Delta.Presence presence = result.joined() ? Delta.Presence.JOINED : Delta.Presence.UNCHANGED;
    if (result.booked() != null) {
      spread(result.booked(), span.spanId(), presence, result.sample(), receiver);
    } else if (result.joined()) {
      presence(span.subject(), span.rootRunId(), span.eventMicros(), presence, receiver);
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
            eventMicros, 0, 0, 0, 0, 0, 0, 0, 0, rootRunId, null, subject, presence, null, 0));
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

  private static void spread(
      Booking booking,
      String spanId,
      Delta.Presence presence,
      RunJudge.ToolSample sample,
      Receiver receiver) {
    Subject subject = booking.subject();
    Delta agentDelta =
        delta(
            booking,
            spanId,
            subject,
            presence,
            sample == null ? null : sample.tool(),
            sample == null ? 0 : sample.calls());
    Delta plain = delta(booking, spanId, null, Delta.Presence.UNCHANGED, null, 0);
    String tenant = subject.tenant();
    receiver.accept(new ScopeKey(Dimension.AGENT, tenant, subject.agent()), agentDelta);
    send(Dimension.TOOL, tenant, booking.tool(), plain, receiver);
    send(Dimension.STEP, tenant, booking.step(), plain, receiver);
    send(Dimension.MODEL, tenant, booking.model(), plain, receiver);
    send(Dimension.WORKFLOW, tenant, subject.workflow(), plain, receiver);
    send(Dimension.TEAM, tenant, subject.team(), plain, receiver);
    send(Dimension.PROJECT, tenant, subject.project(), plain, receiver);
    send(Dimension.COST_CENTRE, tenant, subject.costCentre(), plain, receiver);
    send(Dimension.TENANT, tenant, tenant, plain, receiver);
  }

  private static void send(
      Dimension dimension, String tenant, String value, Delta delta, Receiver receiver) {
    if (value != null && !value.isEmpty()) {
      receiver.accept(new ScopeKey(dimension, tenant, value), delta);
    }
  }

  private static Delta delta(
      Booking booking,
      String spanId,
      Subject subject,
      Delta.Presence presence,
      String sampleTool,
      int sampleCalls) {
    return new Delta(
        booking.eventMicros(),
        booking.cost(),
        booking.bound(),
        booking.spans(),
        booking.llmCalls(),
        booking.toolCalls(),
        booking.errors(),
        booking.unpricedSpans(),
        booking.tokens(),
        booking.rootRunId(),
        spanId,
        subject,
        presence,
        sampleTool,
        sampleCalls);
  }
}
