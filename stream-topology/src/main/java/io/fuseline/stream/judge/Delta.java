package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * What is added to one scope: the sums of one or more bookings of one minute. Money in pico-units.
 *
 * @param cause why it is booked
 * @param eventMicros event time of the newest booking in it; for a correction the time it is booked
 *     at
 * @param cost contracted cost
 * @param rootRunId root run it comes from
 * @param spanId newest span in it; null when there is none
 * @param provider provider of a span without a price; else null
 * @param subject what policies select on; given for the AGENT dimension when a span is booked, else
 *     null; not by what a span written again undoes
 * @param presence whether the agent has begun or ended to work on the root run; only for the AGENT
 *     dimension
 * @param use the model call that was booked; only for the AGENT dimension and a call that has
 *     ended, else null
 * @param sampleTool tool of a sample to learn from; null when there is none
 * @param achieved outcomes of the run; null but for {@link Cause#OUTCOME}
 */
public record Delta(
    Cause cause,
    long eventMicros,
    long cost,
    long listCost,
    long bound,
    int spans,
    int llmCalls,
    int toolCalls,
    int errors,
    int unpricedSpans,
    long tokens,
    String rootRunId,
    String spanId,
    String provider,
    Subject subject,
    Presence presence,
    String sampleTool,
    int sampleCalls,
    ModelUse use,
    Achieved achieved) {
  private static final int VERSION = 5;
  private static final Cause[] CAUSES = Cause.values();
  private static final Presence[] PRESENCES = Presence.values();

  /** What a span books; it tells of no outcome. */
  public Delta(
      Cause cause,
      long eventMicros,
      long cost,
      long listCost,
      long bound,
      int spans,
      int llmCalls,
      int toolCalls,
      int errors,
      int unpricedSpans,
      long tokens,
      String rootRunId,
      String spanId,
      String provider,
      Subject subject,
      Presence presence,
      String sampleTool,
      int sampleCalls,
      ModelUse use) {
    this(
        cause,
        eventMicros,
        cost,
        listCost,
        bound,
        spans,
        llmCalls,
        toolCalls,
        errors,
        unpricedSpans,
        tokens,
        rootRunId,
        spanId,
        provider,
        subject,
        presence,
        sampleTool,
        sampleCalls,
        use,
        null);
  }

  /** Why amounts are booked. The order is part of the state format. */
  public enum Cause {
    /** A span was written, or its agent began or ended to work. */
    SPAN,
    /** A span is written again: what its earlier writing had booked is undone. */
    REWRITTEN,
    /** A price came late or was corrected. */
    CORRECTED,
    /** A span is written again: what corrections of its earlier writing had booked is undone. */
    UNCORRECTED,
    /** A run has achieved something, or failed to. */
    OUTCOME
  }

  /** Whether an agent works on a root run. */
  public enum Presence {
    UNCHANGED,
    JOINED,
    LEFT
  }

  /** True when it books nothing: it only tells of presence or carries a sample. */
  boolean isEmpty() {
    return cost == 0
        && listCost == 0
        && bound == 0
        && spans == 0
        && llmCalls == 0
        && toolCalls == 0
        && errors == 0
        && unpricedSpans == 0
        && tokens == 0
        && achieved == null;
  }

  static Presence presence(int ordinal) {
    return PRESENCES[ordinal];
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(96);
    out.raw(VERSION);
    out.raw(cause.ordinal());
    out.varint(eventMicros);
    out.zigzag(cost);
    out.zigzag(listCost - cost); // 0 without a contract
    out.zigzag(bound);
    out.zigzag(spans);
    out.zigzag(llmCalls);
    out.zigzag(toolCalls);
    out.zigzag(errors);
    out.zigzag(unpricedSpans);
    out.zigzag(tokens);
    out.text(rootRunId);
    out.text(spanId);
    out.text(provider);
    out.bool(subject != null);
    if (subject != null) {
      out.subject(subject);
    }
    out.raw(presence.ordinal());
    out.text(sampleTool);
    out.varint(sampleCalls);
    out.bool(use != null);
    if (use != null) {
      use.write(out);
    }
    out.bool(achieved != null);
    if (achieved != null) {
      achieved.write(out);
    }
    return out.toBytes();
  }

  public static Delta fromBytes(byte[] bytes) {
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A delta");
    // Format 1 knew neither causes nor contracts.
    boolean format1 = in.version() == 1;
    Cause cause = format1 ? Cause.SPAN : CAUSES[in.raw()];
    long eventMicros = in.varint();
    long cost = in.zigzag();
    return new Delta(
        cause,
        eventMicros,
        cost,
        format1 ? cost : cost + in.zigzag(),
        in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        in.zigzag(),
        in.text(),
        in.text(),
        format1 ? null : in.text(),
        in.bool() ? in.subject() : null,
        PRESENCES[in.raw()],
        in.text(),
        in.count(),
        !in.isBefore(4) && in.bool() ? ModelUse.read(in) : null,
        !in.isBefore(5) && in.bool() ? Achieved.read(in) : null);
  }
}
