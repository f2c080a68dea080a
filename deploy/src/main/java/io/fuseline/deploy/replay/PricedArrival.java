package io.fuseline.deploy.replay;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.stream.judge.PricedSpans;
import io.fuseline.stream.judge.SpanFacts;
import io.fuseline.stream.judge.SpanReader;

/**
 * A span whose turn it is.
 *
 * @param line line of the file it stands on, from 1
 * @param pricedJson the priced span as JSON; null for a START, which has no price yet
 */
public record PricedArrival(
    long line, CheckedSpan.Accepted span, SpanFacts facts, String pricedJson) {

  /** Does for one span what needs no state. */
  static PricedArrival of(long line, CheckedSpan.Accepted span, PriceBook prices) {
    SpanFacts facts = SpanReader.facts(span, prices);
    String json =
        span.span().getPhase() == SpanPhase.START
            ? null
            : AvroJson.toJsonText(PricedSpans.of(span, facts.pricing(), prices.currency()));
    return new PricedArrival(line, span, facts, json);
  }
}
