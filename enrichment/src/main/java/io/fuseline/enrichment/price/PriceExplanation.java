package io.fuseline.enrichment.price;

import io.fuseline.enrichment.price.ModelNames.Candidate;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.PriceEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a span is priced, rule by rule, for people.
 *
 * @param pricing what it costs
 * @param provider provider the span names, in the book's spelling; empty for none
 * @param tier tier the span was served in, in the book's spelling
 * @param region region the prices were chosen for; null for none
 * @param inputTokens input tokens in all, which bands go by
 * @param tried names that were looked for, in order, to the one that was found
 * @param lines the lines of the pricing with the entries they rest on
 */
public record PriceExplanation(
    Pricing pricing,
    String provider,
    String tier,
    String region,
    long inputTokens,
    List<Tried> tried,
    List<Reason> lines) {

  public PriceExplanation {
    tried = List.copyOf(tried);
    lines = List.copyOf(lines);
  }

  /**
   * A name that was looked for.
   *
   * @param rule the rule that made it of the name before; EXACT for the name as the span has it
   * @param found whether it led to the prices
   */
  public record Tried(String name, MatchRule rule, boolean found) {}

  /**
   * A line and what it rests on.
   *
   * @param row list price used, or what the bound was taken from; null for none
   * @param contract contract price used; null for none
   * @param factors multipliers and exchange rates
   */
  public record Reason(
      Pricing.Line line, PriceEntry row, PriceEntry contract, List<PriceEntry> factors) {}

  /** Prices the span and keeps why. */
  public static PriceExplanation of(PriceBook book, CheckedSpan.Accepted span) {
    Billable work =
        Billable.of(span.span(), span.tenant(), span.eventTimeMicros(), book.currency());
    Pricing pricing = book.price(span.span(), span.eventTimeMicros());
    Map<String, PriceEntry> entries = new HashMap<>();
    book.entries().forEach(entry -> entries.put(entry.getPriceId(), entry));
    Circumstances at = new Circumstances(work, pricing.match().region());
    List<Reason> lines = new ArrayList<>();
    for (Pricing.Line line : pricing.lines()) {
      lines.add(
          new Reason(
              line,
              entry(entries, line.priceId()),
              entry(entries, line.contractPriceId()),
              line.multiplierIds().stream().map(entries::get).filter(Objects::nonNull).toList()));
    }
    String provider = ProviderNames.canonical(span.span().getProvider());
    return new PriceExplanation(
        pricing,
        provider,
        at.tier,
        at.region,
        at.inputTokens(),
        tried(pricing, provider, entries.values()),
        lines);
  }

  private static PriceEntry entry(Map<String, PriceEntry> entries, String id) {
    return id == null ? null : entries.get(id);
  }

  /** The names a model may stand under, to the one under which it was found. */
  private static List<Tried> tried(Pricing pricing, String provider, Iterable<PriceEntry> entries) {
    List<Tried> tried = new ArrayList<>();
    if (pricing.name() == null) {
      return tried;
    }
    String at = pricing.provider() == null ? provider : pricing.provider();
    for (Candidate candidate : ModelNames.candidates(at, pricing.name())) {
      boolean found = false;
      for (PriceEntry entry : entries) {
        found |=
            entry.getSku().equals(pricing.sku())
                && ProviderNames.canonical(entry.getProvider()).equals(pricing.provider())
                && (entry.getSku().equals(candidate.name())
                    || entry.getAliases().contains(candidate.name()));
      }
      tried.add(new Tried(candidate.name(), candidate.rule(MatchRule.EXACT), found));
      if (found) {
        break;
      }
    }
    return tried;
  }
}
