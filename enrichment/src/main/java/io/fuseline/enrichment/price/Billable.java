package io.fuseline.enrichment.price;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;

/**
 * All that pricing needs to know of a span, and so all that must be kept to price it again.
 *
 * @param kind what the span did; never null
 * @param tenant tenant that pays; its contracts apply. Empty: none
 * @param provider provider as the span names it; null if it names none
 * @param requestModel model asked for; null if not told
 * @param responseModel model that answered; null if not told
 * @param toolName tool called; null if not told
 * @param agentRole role of the agent or person, for human time; null if not told
 * @param serviceTier tier of the response; null for standard
 * @param region region that served the request; null if not told
 * @param usage unit to count, each 0 or more; read while pricing, neither copied nor changed
 * @param declaredCostPico what the span says it cost, in pico-units of the book's currency; -1 if
 *     it does not say
 * @param durationMicros from start to end; 0 if not known
 * @param eventTimeMicros microseconds since the epoch, UTC; selects the prices that held then
 */
public record Billable(
    SpanKind kind,
    String tenant,
    String provider,
    String requestModel,
    String responseModel,
    String toolName,
    String agentRole,
    String serviceTier,
    String region,
    Map<String, Long> usage,
    long declaredCostPico,
    long durationMicros,
    long eventTimeMicros) {

  private static final BigDecimal MAX_PICO = Pico.toDecimal(Long.MAX_VALUE);

  public Billable {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(usage, "usage");
  }

  /**
   * What is billable of a span.
   *
   * @param tenant tenant that pays, as the checked span has it
   * @param currency the book's currency; a cost that the span declares in another one is not taken
   */
  public static Billable of(AgentSpan span, String tenant, long eventTimeMicros, String currency) {
    return new Billable(
        span.getKind() == null ? SpanKind.OTHER : span.getKind(),
        tenant == null ? "" : tenant,
        span.getProvider(),
        span.getRequestModel(),
        span.getResponseModel(),
        span.getToolName(),
        span.getAgentRole(),
        span.getServiceTier(),
        span.getRegion(),
        span.getUsage() == null ? Map.of() : span.getUsage(),
        declared(span, currency),
        duration(span.getStartTime(), span.getEndTime()),
        eventTimeMicros);
  }

  private static long declared(AgentSpan span, String currency) {
    BigDecimal cost = span.getReportedCost();
    boolean usable =
        cost != null && cost.signum() >= 0 && currency.equals(span.getReportedCostCurrency());
    if (!usable) {
      return -1;
    }
    return cost.compareTo(MAX_PICO) >= 0 ? Long.MAX_VALUE : Pico.of(cost);
  }

  private static long duration(Instant start, Instant end) {
    return start == null || end == null || end.isBefore(start)
        ? 0
        : ChronoUnit.MICROS.between(start, end);
  }
}
