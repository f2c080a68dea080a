package io.fuseline.stream.judge;

import io.fuseline.enrichment.price.Billable;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.stream.policy.Subject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prices a checked span and reads from it what the judges need. */
public final class SpanReader {
  /** Stands for the model or tool of a span that does not name it. */
  private static final String UNKNOWN = "(unknown)";

  private static final String TOKENS = "_tokens";

  private SpanReader() {}

  /** What the span is, and what it costs by the prices known now. */
  public static SpanFacts facts(CheckedSpan.Accepted checked, PriceBook prices) {
    AgentSpan span = checked.span();
    Billable billable =
        Billable.of(span, checked.tenant(), checked.eventTimeMicros(), prices.currency());
    boolean opens = span.getPhase() == SpanPhase.START;
    Pricing pricing =
        opens ? prices.price(span, checked.eventTimeMicros()) : prices.price(billable);
    Subject subject =
        new Subject(
                checked.tenant(),
                checked.agentId(),
                span.getAgentRole(),
                span.getTeam(),
                span.getProject(),
                span.getWorkflow(),
                span.getCostCentre(),
                span.getEnvironment())
            .tagged(span.getTags().isEmpty() ? Map.of() : new TreeMap<>(span.getTags()));
    boolean provisional = span.getPhase() == SpanPhase.SNAPSHOT;
    boolean error = span.getStatus() == SpanStatus.ERROR;
    boolean tool = span.getKind() == SpanKind.TOOL;
    boolean unpriced = !SpanRecord.isPriced(pricing.status());
    String name = tool ? span.getToolName() : pricing.name();
    Booking booking =
        opens
            ? null
            : new Booking(
                checked.rootRunId(),
                checked.runId(),
                checked.eventTimeMicros(),
                pricing.contractedPico(),
                pricing.listPico(),
                pricing.boundPico(),
                1,
                span.getKind() == SpanKind.LLM ? 1 : 0,
                tool ? 1 : 0,
                error ? 1 : 0,
                unpriced ? 1 : 0,
                tokens(span.getUsage()),
                model(span, pricing),
                tool ? orUnknown(span.getToolName()) : null,
                span.getStep(),
                subject);
    boolean canCost = span.getKind() != SpanKind.AGENT && span.getKind() != SpanKind.WORKFLOW;
    SpanRecord record =
        new SpanRecord(
            opens || provisional,
            checked.eventTimeMicros(),
            checked.runId(),
            checked.agentId(),
            span.getKind().name(),
            name,
            pricing.contractedPico(),
            pricing.status(),
            error,
            0,
            provisional || canCost ? booking : null,
            canCost && !opens ? billable : null,
            List.of());
    return new SpanFacts(
        checked.rootRunId(),
        checked.runId(),
        span.getParentRunId(),
        span.getSpanId(),
        checked.eventTimeMicros(),
        opens,
        provisional,
        tool ? signature(span) : 0,
        span.getResultHash() != null,
        span.getProvider(),
        subject,
        pricing,
        booking,
        record,
        opens
            ? SpanSigns.NONE
            : SpanSigns.of(span, tool ? orUnknown(span.getToolName()) : "", call(span)));
  }

  /**
   * The model a span is booked under; the role for human time. The same whatever the prices, so
   * that a correction finds the books in which the span stands.
   */
  private static String model(AgentSpan span, Pricing pricing) {
    return switch (span.getKind()) {
      case TOOL -> null;
      case HUMAN -> span.getAgentRole();
      default -> SpanRecord.isPriced(pricing.status()) ? pricing.name() : orUnknown(pricing.name());
    };
  }

  private static String orUnknown(String name) {
    return name == null || name.isEmpty() ? UNKNOWN : name;
  }

  private static long tokens(Map<String, Long> usage) {
    long sum = 0;
    for (Map.Entry<String, Long> bucket : usage.entrySet()) {
      if (bucket.getKey().endsWith(TOKENS)) {
        sum += bucket.getValue();
      }
    }
    return sum;
  }

  /**
   * Mixes tool, arguments and result into 64 bits; a failed call differs from one that succeeded. A
   * call whose arguments are unknown equals no other: that a tool was called again is no proof that
   * the call was the same.
   */
  private static long signature(AgentSpan span) {
    long hash = Hashes.mix(call(span), span.getResultHash() == null ? 0 : span.getResultHash());
    return Hashes.mix(hash, span.getErrorType() == null ? 0 : span.getErrorType().hashCode());
  }

  /** Tool and arguments. */
  private static long call(AgentSpan span) {
    return Hashes.mix(
        orUnknown(span.getToolName()).hashCode(),
        span.getArgumentHash() == null ? Hashes.text(span.getSpanId()) : span.getArgumentHash());
  }
}
