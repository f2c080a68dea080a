package io.fuseline.deploy.replay;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.stream.judge.SpanFacts;

/**
 * A span whose turn it is.
 *
 * @param line line of the file it stands on, from 1
 * @param pricedJson the priced span as JSON; null for a START, which has no price yet
 */
record PricedArrival(long line, CheckedSpan.Accepted span, SpanFacts facts, String pricedJson) {}
