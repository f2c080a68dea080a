package io.fuseline.stream.topology;

/** Keys of the store of spans: all of a root run stand together. */
final class SpanKeys {
  /** Stands between root run and span id. */
  static final char SEPARATOR = '\u0000';

  private static final char RESPONSE = '\u0001';

  private SpanKeys() {}

  static String ofSpan(String rootRunId, String spanId) {
    return rootRunId + SEPARATOR + spanId;
  }

  static String ofResponse(String rootRunId, String provider, String responseId) {
    return rootRunId + SEPARATOR + RESPONSE + provider + SEPARATOR + responseId;
  }

  /** Id of the span that a key is of; null when it is the key of a response. */
  static String spanId(String rootRunId, String key) {
    String rest = key.substring(rootRunId.length() + 1);
    return rest.charAt(0) == RESPONSE ? null : rest;
  }
}
