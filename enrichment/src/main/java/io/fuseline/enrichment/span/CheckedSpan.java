package io.fuseline.enrichment.span;

import io.fuseline.schemas.AgentSpan;
import java.util.Set;

/** What {@link SpanCheck} says of a span: it may be booked, or it goes to the dead letters. */
public sealed interface CheckedSpan {

  /**
   * A span that may be booked.
   *
   * @param span the span, with its ids, times, names and tags put in order
   * @param eventTimeMicros when its cost is booked: its end, else its start, else its observed
   *     time, else now; microseconds since the epoch, UTC; never later than now
   * @param runId run the span belongs to; not empty
   * @param rootRunId outermost run of the delegation tree; not empty
   * @param agentId agent that did the work, {@link SpanCheck#UNATTRIBUTED} if it is not told
   * @param tenant tenant that pays, {@link SpanCheck#DEFAULT_TENANT} if it is not told
   * @param remarks what was mended; empty for a clean span
   */
  record Accepted(
      AgentSpan span,
      long eventTimeMicros,
      String runId,
      String rootRunId,
      String agentId,
      String tenant,
      Set<Remark> remarks)
      implements CheckedSpan {}

  /**
   * A span that cannot be booked.
   *
   * @param reason class of the fault, for counting
   * @param field field that is wrong, as the schema names it
   * @param message what was wrong, where, what was expected and what to do; for people
   */
  record Rejected(Reason reason, String field, String message) implements CheckedSpan {}

  /** What was mended on an accepted span. */
  enum Remark {
    /** Its time was more than 5 minutes ahead of the clock; now was taken. */
    FUTURE_CLAMPED,
    /** It ended before it started; the start was taken for both. */
    END_BEFORE_START,
    /** It carried no time at all; now was taken. */
    TIME_MISSING,
    /** It had more than 64 tags or more than 16 KiB of them; the rest was dropped. */
    TAGS_TRUNCATED,
    /**
     * A name was longer than 512 characters, or there were more than 64 raw counters; the rest was
     * cut off.
     */
    TEXT_TRUNCATED
  }

  /** Why a span was rejected. */
  enum Reason {
    MISSING_SPAN_ID,
    /** None of root_run_id, run_id and trace_id is given. */
    MISSING_RUN_ID,
    NEGATIVE_USAGE,
    /**
     * More of a unit than one span can use, more than 64 units, or a unit without a usable name.
     */
    ABSURD_USAGE,
    /** An id is longer than 512 characters. Ids are keys: they are not cut off. */
    ID_TOO_LONG,
    /** Before the year 2000, or after 2199 where there is no clock to clamp to. */
    ABSURD_TIME,
    /** No time at all, and no clock to take it from. */
    MISSING_TIME
  }
}
