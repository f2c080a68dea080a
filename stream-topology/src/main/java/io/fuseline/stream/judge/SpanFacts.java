package io.fuseline.stream.judge;

import io.fuseline.enrichment.price.Pricing;
import io.fuseline.stream.policy.Subject;

/**
 * What the judges need to know of one writing of a span.
 *
 * @param opens a START: no usage yet
 * @param provisional a SNAPSHOT: a later writing will replace it
 * @param signature 64-bit hash of tool, arguments and result; meaningful for tool calls
 * @param resultKnown the result is part of the signature
 * @param provider provider of the model or tool; null when not told
 * @param pricing what it costs by the prices known now; not billable for a START
 * @param booking what it books; null for a START
 * @param record what is kept of it
 * @param signs what detectors look at
 */
public record SpanFacts(
    String rootRunId,
    String runId,
    String parentRunId,
    String spanId,
    long eventMicros,
    boolean opens,
    boolean provisional,
    long signature,
    boolean resultKnown,
    String provider,
    Subject subject,
    Pricing pricing,
    Booking booking,
    SpanRecord record,
    SpanSigns signs) {}
