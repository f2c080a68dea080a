package io.fuseline.stream.judge;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;

/**
 * Whose work a span is when it does not say: its parent's, if the run knows the parent. A parent
 * that comes later than its child changes nothing any more.
 */
public final class Lineage {
  private Lineage() {}

  /** Id of the span to ask for the agent; null when the span names its own, or has no parent. */
  public static String parentToAsk(CheckedSpan.Accepted span) {
    String parent = span.span().getParentSpanId();
    return span.agentId().equals(SpanCheck.UNATTRIBUTED) && parent != null && !parent.isEmpty()
        ? parent
        : null;
  }

  /**
   * The span as its parent's agent's; its run too, unless it names one below the root.
   *
   * @param parent what is kept of the parent; null when it is not known
   */
  public static CheckedSpan.Accepted inherit(CheckedSpan.Accepted span, SpanRecord parent) {
    if (parent == null || parent.agent() == null || parent.agent().equals(SpanCheck.UNATTRIBUTED)) {
      return span;
    }
    return new CheckedSpan.Accepted(
        span.span(),
        span.eventTimeMicros(),
        span.runId().equals(span.rootRunId()) ? parent.runId() : span.runId(),
        span.rootRunId(),
        parent.agent(),
        span.tenant(),
        span.remarks());
  }
}
