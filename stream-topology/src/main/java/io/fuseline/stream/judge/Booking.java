package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * What one writing of a span, or a correction of it, adds to the books: the amounts and the
 * dimension values they are booked under. Money in pico-units. A later writing of the same span
 * first books {@link #reversed()}.
 *
 * @param eventMicros time the cost is booked at, epoch microseconds UTC
 * @param cost contracted cost of the usage that has a price
 * @param listCost the same at list prices
 * @param bound conservative bound of usage without a price; part of neither cost
 * @param model model that was priced; null for other spans; likewise tool, step and the rest when
 *     not given
 * @param subject what policies select on
 */
public record Booking(
    String rootRunId,
    String runId,
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
        -listCost,
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

  /** What the adjustment alone books: money and whether usage has a price; no span, no tokens. */
  Booking only(Adjustment adjustment) {
    return new Booking(
        rootRunId,
        runId,
        adjustment.bookedMicros(),
        adjustment.cost(),
        adjustment.listCost(),
        adjustment.bound(),
        0,
        0,
        0,
        0,
        adjustment.unpricedSpans(),
        0,
        model,
        tool,
        step,
        subject);
  }

  /** The same booking with the adjustment's amounts in it. */
  Booking with(Adjustment adjustment) {
    return new Booking(
        rootRunId,
        runId,
        eventMicros,
        Math.addExact(cost, adjustment.cost()),
        Math.addExact(listCost, adjustment.listCost()),
        Math.addExact(bound, adjustment.bound()),
        spans,
        llmCalls,
        toolCalls,
        errors,
        unpricedSpans + adjustment.unpricedSpans(),
        tokens,
        model,
        tool,
        step,
        subject);
  }

  /** Writes it into a span record, where many of its texts stand already. */
  void write(BinaryOut out) {
    out.shared(rootRunId);
    out.shared(runId);
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
    out.shared(model);
    out.shared(tool);
    out.shared(step);
    out.sharedSubject(subject);
  }

  static Booking read(BinaryIn in) {
    String rootRunId = in.shared();
    String runId = in.shared();
    long eventMicros = in.varint();
    long cost = in.zigzag();
    return new Booking(
        rootRunId,
        runId,
        eventMicros,
        cost,
        cost + in.zigzag(),
        in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        (int) in.zigzag(),
        in.zigzag(),
        in.shared(),
        in.shared(),
        in.shared(),
        in.sharedSubject());
  }

  /** Format 1 knew no contracts: list cost and cost were the same. */
  static Booking readFormat1(BinaryIn in) {
    String rootRunId = in.text();
    String runId = in.text();
    long eventMicros = in.varint();
    long cost = in.zigzag();
    return new Booking(
        rootRunId,
        runId,
        eventMicros,
        cost,
        cost,
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
