package io.fuseline.stream.judge;

import io.fuseline.enrichment.price.Pricing;
import io.fuseline.enrichment.price.PricingNote;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostLine;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Writes a price down as the record for {@code priced-spans}. */
public final class PricedSpans {
  private PricedSpans() {}

  public static PricedSpan of(CheckedSpan.Accepted checked, Pricing pricing, String currency) {
    AgentSpan span = checked.span();
    List<CostLine> lines = new ArrayList<>(pricing.size());
    for (Pricing.Line line : pricing.lines()) {
      lines.add(
          new CostLine(
              line.unit(),
              line.quantity(),
              line.priced() ? money(line.unitPricePico()) : null,
              line.priced() ? money(line.listPico()) : null,
              line.priced() || line.boundPico() < 0 ? null : money(line.boundPico()),
              line.priceId(),
              line.contractedPico() == line.listPico() ? null : money(line.contractedPico()),
              line.contractPriceId(),
              line.multiplierIds()));
    }
    return PricedSpan.newBuilder()
        .setSpanId(span.getSpanId())
        .setRootRunId(checked.rootRunId())
        .setRunId(checked.runId())
        .setTenantId(checked.tenant())
        .setAgentId(checked.agentId())
        .setKind(span.getKind())
        .setEventTime(Times.instant(checked.eventTimeMicros()))
        .setName(span.getKind() == SpanKind.TOOL ? span.getToolName() : pricing.name())
        .setStatus(pricing.status())
        .setListCost(money(pricing.listPico()))
        .setContractedCost(money(pricing.contractedPico()))
        .setUnpricedBound(money(pricing.boundPico()))
        .setCurrency(currency)
        .setLines(lines)
        .setProvisional(span.getPhase() == SpanPhase.SNAPSHOT)
        .setNotes(pricing.notes().stream().map(PricingNote::name).toList())
        .setMatchRule(pricing.matchRule().name())
        .build();
  }

  private static BigDecimal money(long pico) {
    return BigDecimal.valueOf(pico, Amount.SCALE);
  }
}
