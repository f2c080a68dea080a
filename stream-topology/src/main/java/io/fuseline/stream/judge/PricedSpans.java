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
import java.util.Collection;
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
    PricedSpan priced = new PricedSpan(); // all fields are set: a builder would check each first
    priced.setSpanId(span.getSpanId());
    priced.setRootRunId(checked.rootRunId());
    priced.setRunId(checked.runId());
    priced.setTenantId(checked.tenant());
    priced.setAgentId(checked.agentId());
    priced.setKind(span.getKind());
    priced.setEventTime(Times.instant(checked.eventTimeMicros()));
    priced.setName(span.getKind() == SpanKind.TOOL ? span.getToolName() : pricing.name());
    priced.setStatus(pricing.status());
    priced.setListCost(money(pricing.listPico()));
    priced.setContractedCost(money(pricing.contractedPico()));
    priced.setUnpricedBound(money(pricing.boundPico()));
    priced.setCurrency(currency);
    priced.setLines(lines);
    priced.setProvisional(span.getPhase() == SpanPhase.SNAPSHOT);
    priced.setNotes(names(pricing.notes()));
    priced.setMatchRule(pricing.matchRule().name());
    return priced;
  }

  private static List<String> names(Collection<PricingNote> notes) {
    return notes.isEmpty() ? List.of() : notes.stream().map(PricingNote::name).toList();
  }

  private static BigDecimal money(long pico) {
    return BigDecimal.valueOf(pico, Amount.SCALE);
  }
}
