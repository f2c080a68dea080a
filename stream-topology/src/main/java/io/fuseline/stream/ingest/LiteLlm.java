package io.fuseline.stream.ingest;

import com.fasterxml.jackson.databind.JsonNode;

/** How LiteLLM's standard logging payload is told from an AgentSpan: by fields that only it has. */
final class LiteLlm {
  private LiteLlm() {}

  static boolean isPayload(JsonNode document) {
    return document.has("call_type") && document.has("startTime") && !document.has("span_id");
  }
}
