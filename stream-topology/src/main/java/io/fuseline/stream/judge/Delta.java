package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * What is added to one scope: the sums of one or more bookings of one minute. Money in pico-units.
 *
 * @param eventMicros event time of the newest booking in it
 * @param rootRunId root run it comes from
 * @param spanId newest span in it; null when there is none
 * @param subject what policies select on; given for the AGENT dimension, else null
 * @param presence whether the agent has begun or ended to work on the root run; only for the AGENT
 *     dimension
 * @param sampleTool tool of a sample to learn from; null when there is none
 */
public record Delta(
    long eventMicros,
    long cost,
    long bound,
    int spans,
    int llmCalls,
    int toolCalls,
    int errors,
    int unpricedSpans,
    long tokens,
    String rootRunId,
    String spanId,
    Subject subject,
    Presence presence,
    String sampleTool,
    int sampleCalls) {
  private static final int VERSION = 1;
  private static final Presence[] PRESENCES = Presence.values();

  /** Whether an agent works on a root run. */
  public enum Presence {
    UNCHANGED,
    JOINED,
    LEFT
  }

  /** True when it books nothing: it only tells of presence or carries a sample. */
  boolean isEmpty() {
    return cost == 0
        && bound == 0
        && spans == 0
        && llmCalls == 0
        && toolCalls == 0
        && errors == 0
        && unpricedSpans == 0
        && tokens == 0;
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(96);
    out.raw(VERSION);
    out.varint(eventMicros);
    out.zigzag(cost);
    out.zigzag(bound);
    out.zigzag(spans);
    out.zigzag(llmCalls);
    out.zigzag(toolCalls);
    out.zigzag(errors);
    out.zigzag(unpricedSpans);
    out.zigzag(tokens);
    out.text(rootRunId);
    out.text(spanId);
    out.bool(subject != null);
    if (subject != null) {
      out.subject(subject);
    }
    out.raw(presence.ordinal());
    out.text(sampleTool);
    out.varint(sampleCalls);
    return out.toBytes();
  }

  public static Delta fromBytes(byte[] bytes) {
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A delta");
    return new Delta(
        in.varint(),
        in.zigzag(),
        in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        in.zigzag(),
        in.text(),
        in.text(),
        in.bool() ? in.subject() : null,
        PRESENCES[in.raw()],
        in.text(),
        in.count());
  }
}
