package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spans in the shape in which each instrumentation sends them. */
class DialectsTest {

  @Test
  void shouldReadOpenTelemetryGenAi() {
    AgentSpan span =
        SentSpan.span("chat gpt-5")
            .under("00f067aa0ba902b7")
            .with("gen_ai.operation.name", "chat")
            .with("gen_ai.provider.name", "openai")
            .with("gen_ai.request.model", "gpt-5")
            .with("gen_ai.response.model", "gpt-5-2025-08-07")
            .with("gen_ai.response.id", "chatcmpl-1")
            .with("gen_ai.conversation.id", "conv_5j66")
            .with("gen_ai.usage.input_tokens", 1_000L)
            .with("gen_ai.usage.cache_read.input_tokens", 900L)
            .with("gen_ai.usage.output_tokens", 50L)
            .with("gen_ai.usage.reasoning.output_tokens", 20L)
            .with("openai.response.service_tier", "priority")
            .with("gen_ai.agent.id", "asst_1")
            .with("gen_ai.agent.name", "Math Tutor")
            .with("gen_ai.agent.version", "2")
            .from("deployment.environment.name", "production")
            .from("service.name", "tutor")
            .agentSpan();

    assertThat(span.getKind()).isEqualTo(SpanKind.LLM);
    assertThat(span.getSourceDialect()).isEqualTo("otel-genai");
    assertThat(span.getPhase()).isEqualTo(SpanPhase.END);
    assertThat(span.getTraceId()).isEqualTo(SentSpan.TRACE);
    assertThat(span.getRootRunId()).isEqualTo(SentSpan.TRACE);
    assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(span.getProvider()).isEqualTo("openai");
    assertThat(span.getRequestModel()).isEqualTo("gpt-5");
    assertThat(span.getResponseModel()).isEqualTo("gpt-5-2025-08-07");
    assertThat(span.getResponseId()).isEqualTo("chatcmpl-1");
    assertThat(span.getServiceTier()).isEqualTo("priority");
    assertThat(span.getEnvironment()).isEqualTo("production");
    assertThat(span.getAgentId()).isEqualTo("asst_1");
    assertThat(span.getAgentName()).isEqualTo("Math Tutor");
    assertThat(span.getAgentVersion()).isEqualTo("2");
    assertThat(span.getTags())
        .isEqualTo(Map.of("gen_ai.conversation.id", "conv_5j66", "service.name", "tutor"));
    assertThat(span.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 100L,
                "cache_read_tokens", 900L,
                "output_tokens", 30L,
                "reasoning_tokens", 20L));
  }

  @Test
  void shouldReadOpenTelemetryBeforeItToldTheOperation() {
    AgentSpan span =
        SentSpan.span("openai.chat")
            .with("gen_ai.system", "OpenAI")
            .with("gen_ai.request.model", "gpt-4o")
            .with("gen_ai.usage.prompt_tokens", 12L)
            .with("gen_ai.usage.completion_tokens", 7L)
            .agentSpan();

    assertThat(span.getKind()).isEqualTo(SpanKind.LLM);
    assertThat(span.getProvider()).isEqualTo("openai");
    assertThat(span.getUsage()).isEqualTo(Map.of("input_tokens", 12L, "output_tokens", 7L));
    assertThat(span.getSourceDialect()).isEqualTo("otel-genai-legacy");
  }

  @Test
  void shouldPriceNoAgentAndNoWorkflow() {
    for (String operation : List.of("invoke_agent", "create_agent", "invoke_workflow")) {
      AgentSpan span =
          SentSpan.span(operation + " support")
              .with("gen_ai.operation.name", operation)
              .with("gen_ai.request.model", "gpt-5")
              .with("gen_ai.response.id", "chatcmpl-1")
              .with("gen_ai.usage.input_tokens", 1_000L)
              .with("gen_ai.usage.output_tokens", 50L)
              .agentSpan();

      assertThat(span.getKind()).isIn(SpanKind.AGENT, SpanKind.WORKFLOW);
      assertThat(span.getUsage()).isEmpty();
      assertThat(span.getResponseId()).isNull();
      assertThat(span.getRawUsage()).containsEntry("gen_ai.usage.input_tokens", 1_000L);
    }
  }

  @Test
  void shouldReadTheVercelSdkWhoseWrapperRepeatsItsCalls() {
    List<AgentSpan> spans =
        SentSpan.together(
            vercel("a1", "ai.generateText", null)
                .with("ai.usage.inputTokens", 300L)
                .with("ai.usage.outputTokens", 30L),
            vercel("a2", "ai.generateText.doGenerate", "a1")
                .with("gen_ai.system", "openai.responses")
                .with("gen_ai.request.model", "gpt-5-mini")
                .with("gen_ai.response.model", "gpt-5-mini-2025-08-07")
                .with("gen_ai.response.id", "resp_1")
                .with("gen_ai.usage.input_tokens", 100L)
                .with("gen_ai.usage.output_tokens", 10L)
                .with("ai.usage.inputTokens", 100L)
                .with("ai.usage.cachedInputTokens", 64L)
                .with("ai.usage.outputTokens", 10L)
                .with("ai.usage.reasoningTokens", 4L)
                .with("ai.usage.totalTokens", 110L),
            vercel("a3", "ai.toolCall", "a1")
                .with("ai.toolCall.name", "weather")
                .with("ai.toolCall.id", "call_1")
                .with("ai.toolCall.args", "{\"city\":\"Paris\",\"days\":1}")
                .with("ai.toolCall.result", "{\"celsius\":20}"),
            vercel("a4", "ai.generateText.doGenerate", "a1")
                .with("gen_ai.system", "openai.responses")
                .with("gen_ai.request.model", "gpt-5-mini")
                .with("gen_ai.usage.input_tokens", 200L)
                .with("gen_ai.usage.output_tokens", 20L));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(SpanKind.AGENT, SpanKind.LLM, SpanKind.TOOL, SpanKind.LLM);
    assertThat(spans.get(0).getUsage()).isEmpty();
    assertThat(spans.get(1).getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 36L,
                "cache_read_tokens", 64L,
                "output_tokens", 6L,
                "reasoning_tokens", 4L));
    assertThat(spans.get(1).getProvider()).isEqualTo("openai");
    assertThat(spans.get(2).getToolName()).isEqualTo("weather");
    assertThat(spans.get(2).getToolCallId()).isEqualTo("call_1");
    assertThat(spans.get(2).getArgumentHash()).isNotNull();
    assertThat(spans.get(2).getResultHash()).isNotNull();
    assertThat(spans).extracting(AgentSpan::getAgentId).containsOnly("trip-planner");
    assertThat(spans).extracting(AgentSpan::getTeam).containsOnly("travel");
    assertThat(spans.get(3).getTags()).containsEntry("ticket", "42");
  }

  @Test
  void shouldReadVercelEmbeddings() {
    AgentSpan call =
        vercel("a2", "ai.embedMany.doEmbed", "a1")
            .with("ai.model.provider", "openai.embedding")
            .with("ai.model.id", "text-embedding-3-small")
            .with("ai.usage.tokens", 8L)
            .agentSpan();
    AgentSpan wrapper = vercel("a1", "ai.embedMany", null).with("ai.usage.tokens", 8L).agentSpan();

    assertThat(call.getKind()).isEqualTo(SpanKind.EMBEDDING);
    assertThat(call.getUsage()).isEqualTo(Map.of("input_tokens", 8L));
    assertThat(call.getRequestModel()).isEqualTo("text-embedding-3-small");
    assertThat(wrapper.getUsage()).isEmpty();
  }

  @Test
  void shouldReadAnthropicsOwnUsageWhereTheVercelSdkPassesItOn() {
    AgentSpan span =
        vercel("a2", "ai.streamText.doStream", "a1")
            .with("gen_ai.system", "anthropic.messages")
            .with("gen_ai.request.model", "claude-sonnet-4-5")
            .with("ai.usage.inputTokens", 130_213L)
            .with("ai.usage.cachedInputTokens", 128_955L)
            .with("ai.usage.outputTokens", 10L)
            .with(
                "ai.response.providerMetadata",
                "{\"anthropic\":{\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":128955,"
                    + "\"cache_creation_input_tokens\":1253,\"cache_creation\":"
                    + "{\"ephemeral_5m_input_tokens\":253,\"ephemeral_1h_input_tokens\":1000},"
                    + "\"service_tier\":\"standard\"}}}")
            .agentSpan();

    assertThat(span.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 253L,
                "cache_write_1h_tokens", 1_000L,
                "output_tokens", 10L));
    assertThat(span.getProvider()).isEqualTo("anthropic");
    assertThat(span.getServiceTier()).isEqualTo("standard");
    assertThat(span.getInputInterpretation()).isEqualTo(InputInterpretation.DISJOINT);
  }

  @Test
  void shouldReadOpenInference() {
    List<AgentSpan> spans =
        SentSpan.together(
            openInference("a1", "LangGraph", "CHAIN", null),
            openInference("a2", "ChatOpenAI", "LLM", "a1")
                .with("llm.provider", "openai")
                .with("llm.model_name", "gpt-4o-2024-08-06")
                .with("llm.token_count.prompt", 1_200L)
                .with("llm.token_count.prompt_details.cache_read", 1_024L)
                .with("llm.token_count.completion", 100L)
                .with("llm.token_count.completion_details.reasoning", 64L)
                .with("llm.token_count.total", 1_300L)
                .with("llm.cost.total", 0.0123)
                .with("metadata", "{\"langgraph_node\":\"agent\",\"fuseline.team\":\"search\"}"),
            openInference("a3", "get_weather", "TOOL", "a1")
                .with("tool.name", "get_weather")
                .with("input.value", "{\"city\": \"Paris\"}")
                .with("output.value", "20 degrees"),
            openInference("a4", "VectorStoreRetriever", "RETRIEVER", "a1"),
            openInference("a5", "OpenAIEmbeddings", "EMBEDDING", "a4")
                .with("embedding.model_name", "text-embedding-3-small")
                .with("llm.token_count.prompt", 5L)
                .with("llm.token_count.total", 5L));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(
            SpanKind.WORKFLOW, SpanKind.LLM, SpanKind.TOOL, SpanKind.RETRIEVAL, SpanKind.EMBEDDING);
    AgentSpan llm = spans.get(1);
    assertThat(llm.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 176L,
                "cache_read_tokens", 1_024L,
                "output_tokens", 36L,
                "reasoning_tokens", 64L));
    assertThat(llm.getReportedCost()).isEqualByComparingTo("0.0123");
    assertThat(llm.getReportedCostCurrency()).isEqualTo("USD");
    assertThat(llm.getStep()).isEqualTo("agent");
    assertThat(llm.getTeam()).isEqualTo("search");
    assertThat(spans.get(2).getToolName()).isEqualTo("get_weather");
    assertThat(spans.get(4).getUsage()).isEqualTo(Map.of("input_tokens", 5L));
    assertThat(spans.get(4).getRequestModel()).isEqualTo("text-embedding-3-small");
  }

  /** The root of such a run is a chain like its graph's nodes; only the metadata name the agent. */
  @Test
  void shouldNameAgentAndProviderWhenLangChainTellsThemAsMetadata() {
    AgentSpan span =
        openInference("a1", "ChatOpenAI", "LLM", "a0")
            .with("llm.model_name", "gpt-5-mini")
            .with("llm.token_count.prompt", 1_200L)
            .with(
                "metadata",
                "{\"lc_agent_name\":\"forecaster\",\"langgraph_node\":\"model_request\",\"ls_provider\":\"openai\"}")
            .agentSpan();

    assertThat(span.getAgentName()).isEqualTo("forecaster");
    assertThat(span.getStep()).isEqualTo("model_request");
    assertThat(span.getProvider()).isEqualTo("openai");
  }

  @Test
  void shouldBillACallOnceThatTwoInstrumentationsSaw() {
    List<AgentSpan> spans =
        SentSpan.together(
            openInference("a1", "ChatOpenAI", "LLM", null)
                .with("llm.model_name", "gpt-4o")
                .with("llm.token_count.prompt", 100L)
                .with("llm.token_count.completion", 10L),
            SentSpan.span("a2", "POST").under("a1").with("http.request.method", "POST"),
            SentSpan.span("a3", "chat gpt-4o")
                .under("a2")
                .with("gen_ai.operation.name", "chat")
                .with("gen_ai.request.model", "gpt-4o")
                .with("gen_ai.usage.input_tokens", 100L)
                .with("gen_ai.usage.output_tokens", 10L));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(SpanKind.WORKFLOW, SpanKind.LLM);
    assertThat(spans.get(0).getUsage()).isEmpty();
  }

  @Test
  void shouldBillBothCallsWhenTheOuterIsNotTheSumOfTheInner() {
    List<AgentSpan> spans =
        SentSpan.together(
            openInference("a1", "judge", "LLM", null).with("llm.token_count.prompt", 100L),
            openInference("a2", "helper", "LLM", "a1").with("llm.token_count.prompt", 40L));

    assertThat(spans).extracting(AgentSpan::getKind).containsOnly(SpanKind.LLM);
  }

  @Test
  void shouldKeepNoContentButAHashThatIsTheSameForTheSameJson() {
    AgentSpan first = tool("{\"a\": 1.0, \"b\": [true, null]}").agentSpan();
    AgentSpan second = tool("{\"b\":[true,null],\"a\":1}").agentSpan();
    AgentSpan structured =
        SentSpan.span("execute_tool search")
            .with("gen_ai.operation.name", "execute_tool")
            .with(
                "gen_ai.tool.call.arguments",
                Map.of("a", 1L, "b", java.util.Arrays.asList(true, null)))
            .agentSpan();
    AgentSpan other = tool("{\"a\":2,\"b\":[true,null]}").agentSpan();

    assertThat(first.getToolName()).isEqualTo("search");
    assertThat(second.getArgumentHash()).isEqualTo(first.getArgumentHash());
    assertThat(structured.getArgumentHash()).isEqualTo(first.getArgumentHash());
    assertThat(other.getArgumentHash()).isNotEqualTo(first.getArgumentHash());
    assertThat(first.toString()).doesNotContain("true, null");
  }

  @Test
  void shouldTellTheErrorOfAFailedCall() {
    AgentSpan told =
        SentSpan.span("chat")
            .failed()
            .with("gen_ai.operation.name", "chat")
            .with("error.type", "timeout")
            .agentSpan();
    AgentSpan thrown =
        SentSpan.span("chat")
            .failed()
            .with("gen_ai.operation.name", "chat")
            .event("exception", Map.of("exception.type", "openai.RateLimitError"))
            .agentSpan();

    assertThat(told.getStatus()).isEqualTo(SpanStatus.ERROR);
    assertThat(told.getErrorType()).isEqualTo("timeout");
    assertThat(thrown.getErrorType()).isEqualTo("openai.RateLimitError");
  }

  @Test
  void shouldTakeWhatAPersonSaysOfASpanOfTheirOwn() {
    AgentSpan review =
        SentSpan.span("legal review")
            .with("fuseline.kind", "HUMAN")
            .with("fuseline.agent.role", "lawyer")
            .with("fuseline.usage.human_seconds", 600L)
            .agentSpan();
    AgentSpan lookup =
        SentSpan.span("crm lookup")
            .with("fuseline.kind", "tool")
            .with("fuseline.usage.records", 12L)
            .with("fuseline.cost", "0.25")
            .with("fuseline.cost.currency", "EUR")
            .with("fuseline.tag.ticket", "42")
            .agentSpan();

    assertThat(review.getKind()).isEqualTo(SpanKind.HUMAN);
    assertThat(review.getAgentRole()).isEqualTo("lawyer");
    assertThat(review.getUsage()).isEqualTo(Map.of("human_seconds", 600L));
    assertThat(review.getSourceDialect()).isEqualTo("fuseline");
    assertThat(lookup.getKind()).isEqualTo(SpanKind.TOOL);
    assertThat(lookup.getToolName()).isEqualTo("crm lookup");
    assertThat(lookup.getUsage()).isEqualTo(Map.of("records", 12L));
    assertThat(lookup.getReportedCost()).isEqualByComparingTo("0.25");
    assertThat(lookup.getReportedCostCurrency()).isEqualTo("EUR");
    assertThat(lookup.getTags()).isEqualTo(Map.of("ticket", "42"));
  }

  @Test
  void shouldIgnoreWhatIsNoWorkOfAnAgent() {
    Normalised answer =
        Normaliser.standard()
            .normalise(
                SentSpan.span("GET /")
                    .scope("@opentelemetry/instrumentation-http")
                    .with("http.request.method", "GET")
                    .with("server.address", "api.openai.com")
                    .sent());

    assertThat(answer).isEqualTo(new Normalised.Ignored("no agent work"));
  }

  private static SentSpan vercel(String id, String operation, String parent) {
    return SentSpan.span(id, operation)
        .under(parent)
        .scope("ai")
        .with("operation.name", operation + " trip-planner")
        .with("ai.operationId", operation)
        .with("ai.telemetry.functionId", "trip-planner")
        .with("ai.telemetry.metadata.fuseline.team", "travel")
        .with("ai.telemetry.metadata.ticket", 42L)
        .with("ai.model.provider", "openai.responses")
        .with("ai.model.id", "gpt-5-mini");
  }

  private static SentSpan openInference(String id, String name, String kind, String parent) {
    return SentSpan.span(id, name)
        .under(parent)
        .scope("@arizeai/openinference-instrumentation-langchain", "4.0.0")
        .with("openinference.span.kind", kind);
  }

  private static SentSpan tool(String arguments) {
    return SentSpan.span("execute_tool search")
        .with("gen_ai.operation.name", "execute_tool")
        .with("gen_ai.tool.call.arguments", arguments);
  }
}
