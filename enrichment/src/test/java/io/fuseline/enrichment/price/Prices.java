package io.fuseline.enrichment.price;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Small factories for prices and spans. */
final class Prices {

  static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

  /** A time at which every price made here without a date holds. */
  static final long NOON = micros(Instant.parse("2026-06-01T12:00:00Z"));

  private Prices() {}

  static PriceEntry model(String provider, String sku, String unit, String price) {
    return entry(PriceKind.MODEL, provider, sku, unit, price);
  }

  static PriceEntry tool(String provider, String sku, String unit, String price) {
    return entry(PriceKind.TOOL, provider, sku, unit, price);
  }

  static PriceEntry entry(PriceKind kind, String provider, String sku, String unit, String price) {
    PriceEntry entry = PriceEntries.blank();
    entry.setKind(kind);
    entry.setProvider(provider);
    entry.setSku(sku);
    entry.setAliases(List.of());
    entry.setUnit(unit);
    entry.setPrice(new BigDecimal(price).setScale(12));
    entry.setCurrency("USD");
    entry.setServiceTier("standard");
    entry.setValidFrom(NEW_YEAR);
    entry.setSource("test");
    return withId(entry);
  }

  /** Gives the entry the id of its present fields. */
  static PriceEntry withId(PriceEntry entry) {
    entry.setPriceId(PriceIds.of(entry));
    return entry;
  }

  static PriceEntry inTier(PriceEntry entry, String tier) {
    entry.setServiceTier(tier);
    return withId(entry);
  }

  static PriceEntry during(PriceEntry entry, String from, String to) {
    entry.setValidFrom(Instant.parse(from));
    entry.setValidTo(to == null ? null : Instant.parse(to));
    return withId(entry);
  }

  static PriceEntry alias(PriceEntry entry, String... aliases) {
    entry.setAliases(List.of(aliases));
    return entry;
  }

  static PriceBook book(PriceEntry... entries) {
    PriceBook book = new PriceBook("USD");
    for (PriceEntry entry : entries) {
      book.put(entry);
    }
    return book;
  }

  static AgentSpan llm(String provider, String model, Map<String, Long> usage) {
    return span(SpanKind.LLM, provider, model, null, usage);
  }

  static AgentSpan toolCall(String provider, String tool, Map<String, Long> usage) {
    return span(SpanKind.TOOL, provider, null, tool, usage);
  }

  static AgentSpan span(
      SpanKind kind, String provider, String model, String tool, Map<String, Long> usage) {
    AgentSpan span = new AgentSpan();
    span.setSpanId("s1");
    span.setRunId("r1");
    span.setRootRunId("r1");
    span.setKind(kind);
    span.setPhase(SpanPhase.END);
    span.setProvider(provider);
    span.setResponseModel(model);
    span.setToolName(tool);
    span.setUsage(new HashMap<>(usage));
    return span;
  }

  static BigDecimal cost(Pricing pricing) {
    return Pico.toDecimal(pricing.listPico());
  }

  static BigDecimal bound(Pricing pricing) {
    return Pico.toDecimal(pricing.boundPico());
  }

  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
