package io.fuseline.stream.judge;

import io.fuseline.schemas.AgentSpan;

/**
 * Under what a span is known to have been booked: its own id, and the id of the response it tells
 * of. Outcomes of the run are known there too.
 */
public final class SpanKeys {
  private static final char SEPARATOR = '\u0000';
  private static final char RESPONSE = '\u0001';
  private static final char OUTCOME = '\u0002';

  private SpanKeys() {}

  /** What the keys of all spans of a root run begin with. */
  public static String prefix(String rootRunId) {
    return rootRunId + SEPARATOR;
  }

  public static String ofSpan(String rootRunId, String spanId) {
    return rootRunId + SEPARATOR + spanId;
  }

  /** Null when the span tells of no response. */
  public static String ofResponse(String rootRunId, AgentSpan span) {
    String responseId = span.getResponseId();
    return responseId == null || responseId.isEmpty()
        ? null
        : rootRunId + SEPARATOR + RESPONSE + span.getProvider() + SEPARATOR + responseId;
  }

  public static String ofOutcome(String rootRunId, String outcomeId) {
    return prefix(rootRunId) + OUTCOME + outcomeId;
  }

  /**
   * Id of the span that a key is of, whose root run is {@code rootRunId}; null when it is the key
   * of a response or an outcome.
   */
  public static String spanId(String rootRunId, String key) {
    String rest = key.substring(rootRunId.length() + 1);
    return rest.charAt(0) == RESPONSE || rest.charAt(0) == OUTCOME ? null : rest;
  }
}
