package io.fuseline.deploy.replay;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.json.AvroJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Spans made by hand. Times are seconds after {@link #START}. */
public final class SpanScript {
  /** Noon, so that an afternoon of spans stays within the day. */
  public static final Instant START = Instant.parse("2026-03-02T12:00:00Z");

  private static final String MODEL = "claude-opus-4-5"; // 25 USD per million tokens of output

  private SpanScript() {}

  public static AgentSpan modelCall(
      String rootRunId, String spanId, long second, long outputTokens) {
    AgentSpan span = span(rootRunId, spanId, second, SpanKind.LLM);
    span.setProvider("anthropic");
    span.setResponseModel(MODEL);
    span.setUsage(new HashMap<>(Map.of("output_tokens", outputTokens)));
    return span;
  }

  /** A model call that costs whole dollars. */
  public static AgentSpan spend(String rootRunId, String spanId, long second, int dollars) {
    return modelCall(rootRunId, spanId, second, dollars * 40_000L);
  }

  public static AgentSpan toolCall(
      String rootRunId, String spanId, long second, String tool, long arguments, long result) {
    AgentSpan span = span(rootRunId, spanId, second, SpanKind.TOOL);
    span.setProvider("local");
    span.setToolName(tool);
    span.setArgumentHash(arguments);
    span.setResultHash(result);
    return span;
  }

  public static Path write(Path file, List<AgentSpan> spans) throws IOException {
    return Files.write(file, spans.stream().map(AvroJson::toJsonText).toList());
  }

  public static Instant at(long second) {
    return START.plusSeconds(second);
  }

  private static AgentSpan span(String rootRunId, String spanId, long second, SpanKind kind) {
    return AgentSpan.newBuilder()
        .setSpanId(spanId)
        .setRootRunId(rootRunId)
        .setAgentId("worker")
        .setKind(kind)
        .setEndTime(at(second))
        .build();
  }
}
