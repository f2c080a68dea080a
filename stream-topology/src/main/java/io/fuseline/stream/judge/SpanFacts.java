package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * What the judges need to know of one writing of a span.
 *
 * @param opens a START: no usage yet
 * @param provisional a SNAPSHOT: a later writing will replace it
 * @param signature 64-bit hash of tool, arguments and result; meaningful for tool calls
 * @param resultKnown the result is part of the signature
 * @param booking what it books; null for a START
 * @param record what is kept of it
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
    Subject subject,
    Booking booking,
    SpanRecord record) {}
