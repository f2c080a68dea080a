package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * What one writing of a span adds to the books: the amounts and the dimension values they are
 * booked under. Money in pico-units; {@code bound} is the conservative bound of usage without a
 * price and not part of {@code cost}. A later writing of the same span first books {@link
 * #reversed()}.
 *
 * @param eventMicros time the cost is booked at, epoch microseconds UTC
 * @param model model that was priced; null for other spans; likewise tool, step and the rest when
 *     not given
 * @param subject what policies select on
 */
public record Booking(
    String rootRunId,
    String runId,
    long eventMicros,
    long cost,
    long bound,
    int spans,
    int llmCalls,
    int toolCalls,
    int errors,
    int unpricedSpans,
    long tokens,
    String model,
    String tool,
    String step,
    Subject subject) {

  Booking reversed() {
    return new Booking(
        rootRunId,
        runId,
        eventMicros,
        -cost,
        -bound,
        -spans,
        -llmCalls,
        -toolCalls,
        -errors,
        -unpricedSpans,
        -tokens,
        model,
        tool,
        step,
        subject);
  }

  void write(BinaryOut out) {
    out.text(rootRunId);
    out.text(runId);
    out.varint(eventMicros);
    out.zigzag(cost);
    out.zigzag(bound);
    out.zigzag(spans);
    out.zigzag(llmCalls);
    out.zigzag(toolCalls);
    out.zigzag(errors);
    out.zigzag(unpricedSpans);
    out.zigzag(tokens);
    out.text(model);
    out.text(tool);
    out.text(step);
    out.subject(subject);
  }

  static Booking read(BinaryIn in) {
    return new Booking(
        in.text(),
        in.text(),
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
        in.text(),
        in.subject());
  }
}
