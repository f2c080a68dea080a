package io.fuseline.stream.example;

import io.fuseline.enrichment.outcome.CheckedOutcome;

/**
 * An outcome of an example.
 *
 * @param eventMicros epoch microseconds, UTC
 * @param count how many were achieved, or missed
 * @param valuePico what they are worth
 */
public record ExampleOutcome(
    String id,
    String root,
    String tenant,
    long eventMicros,
    String type,
    boolean success,
    long count,
    long valuePico)
    implements ExampleEvent {
  CheckedOutcome.Accepted facts() {
    return new CheckedOutcome.Accepted(
        null,
        id,
        root,
        tenant,
        type,
        success ? count : 0,
        success ? 0 : count,
        success ? valuePico : 0,
        eventMicros);
  }
}
