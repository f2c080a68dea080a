package io.fuseline.stream.example;

import io.fuseline.schemas.CostStatus;
import io.fuseline.stream.judge.Booking;
import io.fuseline.stream.judge.SpanFacts;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.SpanSigns;
import io.fuseline.stream.policy.Subject;
import java.util.List;

/**
 * A span of an example, with its cost given.
 *
 * @param eventMicros epoch microseconds, UTC
 * @param call what was called and what came of it, as one number
 */
public record ExampleSpan(
    String id,
    String root,
    String run,
    String parentRun,
    long eventMicros,
    Subject subject,
    String tool,
    String model,
    String step,
    long costPico,
    long tokens,
    long call)
    implements ExampleEvent {
  /** What an input token weighs in {@link SpanSigns#weightedTokens()}. */
  private static final long TOKEN_WEIGHT = 20;

  SpanFacts facts() {
    boolean isTool = tool != null;
    Booking booking =
        new Booking(
            root,
            run,
            eventMicros,
            costPico,
            costPico,
            0,
            1,
            isTool ? 0 : 1,
            isTool ? 1 : 0,
            0,
            0,
            tokens,
            isTool ? null : model,
            tool,
            step,
            subject);
    SpanRecord record =
        new SpanRecord(
            false,
            eventMicros,
            run,
            subject.agent(),
            isTool ? "TOOL" : "LLM",
            isTool ? tool : model,
            costPico,
            CostStatus.PRICED,
            false,
            0,
            booking,
            null,
            List.of());
    return new SpanFacts(
        root,
        run,
        parentRun,
        id,
        eventMicros,
        false,
        false,
        call,
        true,
        null,
        subject,
        null,
        booking,
        record,
        signs());
  }

  /** A call with equal {@code call} had the same arguments and the same result. */
  private SpanSigns signs() {
    return tool == null
        ? new SpanSigns(false, 0, 0, 0, null, tokens, 0, 0, TOKEN_WEIGHT * tokens, null)
        : new SpanSigns(false, call, call == 0 ? 1 : call, tool.hashCode(), null, 0, 0, 0, 0, null);
  }
}
