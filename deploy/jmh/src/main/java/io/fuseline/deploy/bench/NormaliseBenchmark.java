package io.fuseline.deploy.bench;

import io.fuseline.enrichment.normalise.Normalised;
import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.enrichment.normalise.SourceSpan;
import io.fuseline.schemas.SpanStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** From attributes as an instrumentation wrote them to a span of ours. */
@State(Scope.Thread)
public class NormaliseBenchmark {
  private final Normaliser normaliser = Normaliser.standard();
  private final SourceSpan chat = chat();

  /** A model call by the conventions of OpenTelemetry. */
  @Benchmark
  public Normalised normalise() {
    return normaliser.normalise(chat);
  }

  private static SourceSpan chat() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("gen_ai.operation.name", "chat");
    attributes.put("gen_ai.provider.name", "anthropic");
    attributes.put("gen_ai.request.model", "claude-sonnet-4-5");
    attributes.put("gen_ai.response.model", "claude-sonnet-4-5-20250929");
    attributes.put("gen_ai.response.id", "msg_01XFDUDYJgAACzvnptvVoYEL");
    attributes.put("gen_ai.conversation.id", "conversation-5017");
    attributes.put("gen_ai.agent.id", "agent-17");
    attributes.put("gen_ai.agent.name", "researcher");
    attributes.put("gen_ai.request.max_tokens", 4_096L);
    attributes.put("gen_ai.request.temperature", 0.2);
    attributes.put("gen_ai.response.finish_reasons", List.of("end_turn"));
    attributes.put("gen_ai.usage.input_tokens", 13_241L);
    attributes.put("gen_ai.usage.cache_read.input_tokens", 12_000L);
    attributes.put("gen_ai.usage.cache_creation.input_tokens", 800L);
    attributes.put("gen_ai.usage.output_tokens", 412L);
    attributes.put("server.address", "api.anthropic.com");
    attributes.put("server.port", 443L);
    return new SourceSpan(
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00f067aa0ba902b7",
        "b7ad6b7169203331",
        "chat claude-sonnet-4-5",
        1_777_888_800_000_000L,
        1_777_888_802_500_000L,
        SpanStatus.OK,
        null,
        attributes,
        Map.of("service.name", "research", "service.version", "1.4.2"),
        List.of(),
        "opentelemetry.instrumentation.anthropic",
        "0.47.0");
  }
}
