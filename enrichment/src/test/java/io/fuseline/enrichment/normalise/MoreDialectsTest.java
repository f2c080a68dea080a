package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Frameworks, events and payloads, in the shape in which each writes them. */
class MoreDialectsTest {

  @Test
  void shouldReadOpenLlmetry() {
    List<AgentSpan> spans =
        SentSpan.together(
            SentSpan.span("a1", "joke.workflow")
                .with("traceloop.span.kind", "workflow")
                .with("traceloop.entity.name", "joke"),
            SentSpan.span("a2", "comedian.agent")
                .under("a1")
                .with("traceloop.span.kind", "agent")
                .with("traceloop.entity.name", "comedian")
                .with("traceloop.workflow.name", "joke"),
            SentSpan.span("a3", "anthropic.chat")
                .under("a2")
                .scope("opentelemetry.instrumentation.anthropic", "0.47.0")
                .with("llm.request.type", "chat")
                .with("traceloop.workflow.name", "joke")
                .with("gen_ai.system", "Anthropic")
                .with("gen_ai.request.model", "claude-sonnet-4-5")
                .with("gen_ai.usage.input_tokens", 1_500L)
                .with("gen_ai.usage.cache_read_input_tokens", 1_400L)
                .with("gen_ai.usage.cache_creation_input_tokens", 0L)
                .with("gen_ai.usage.output_tokens", 20L)
                .with("llm.usage.total_tokens", 1_520L),
            SentSpan.span("a4", "search.tool")
                .under("a2")
                .with("traceloop.span.kind", "tool")
                .with("traceloop.entity.name", "search")
                .with(
                    "traceloop.entity.input",
                    "{\"inputs\":{\"q\":\"x\"},\"metadata\":{\"step\":1}}"),
            SentSpan.span("a5", "search.tool")
                .under("a2")
                .with("traceloop.span.kind", "tool")
                .with("traceloop.entity.name", "search")
                .with(
                    "traceloop.entity.input",
                    "{\"inputs\":{\"q\":\"x\"},\"metadata\":{\"step\":2}}"));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(
            SpanKind.WORKFLOW, SpanKind.AGENT, SpanKind.LLM, SpanKind.TOOL, SpanKind.TOOL);
    AgentSpan call = spans.get(2);
    assertThat(call.getUsage())
        .isEqualTo(Map.of("input_tokens", 100L, "cache_read_tokens", 1_400L, "output_tokens", 20L));
    assertThat(call.getInterpretationRule()).isEqualTo("table");
    assertThat(call.getProvider()).isEqualTo("anthropic");
    assertThat(call.getAgentId()).isEqualTo("comedian");
    assertThat(call.getWorkflow()).isEqualTo("joke");
    assertThat(spans.get(3).getToolName()).isEqualTo("search");
    assertThat(spans.get(3).getArgumentHash())
        .as("what the framework adds to the arguments does not make them others")
        .isEqualTo(spans.get(4).getArgumentHash());
  }

  @Test
  void shouldReadLangSmith() {
    AgentSpan call =
        SentSpan.span("ChatAnthropic")
            .scope("langsmith")
            .with("langsmith.span.kind", "llm")
            .with("gen_ai.operation.name", "chat")
            .with("gen_ai.system", "langchain")
            .with("langsmith.metadata.ls_provider", "anthropic")
            .with("langsmith.metadata.ls_model_name", "claude-haiku-4-5")
            .with("langsmith.metadata.langgraph_node", "planner")
            .with("langsmith.metadata.thread_id", "thread-1")
            .with(
                "langsmith.usage_metadata",
                "{\"input_tokens\":1000,\"output_tokens\":40,\"total_tokens\":1040,"
                    + "\"input_token_details\":{\"cache_read\":600,\"cache_creation\":0,"
                    + "\"ephemeral_5m_input_tokens\":100,\"ephemeral_1h_input_tokens\":200}}")
            .agentSpan();

    assertThat(call.getKind()).isEqualTo(SpanKind.LLM);
    assertThat(call.getProvider()).isEqualTo("anthropic");
    assertThat(call.getRequestModel()).isEqualTo("claude-haiku-4-5");
    assertThat(call.getStep()).isEqualTo("planner");
    assertThat(call.getTags()).containsEntry("gen_ai.conversation.id", "thread-1");
    assertThat(call.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 100L,
                "cache_read_tokens", 600L,
                "cache_write_5m_tokens", 100L,
                "cache_write_1h_tokens", 200L,
                "output_tokens", 40L));
  }

  @Test
  void shouldReadStrandsWhoseAgentAndCyclesCarrySums() {
    List<AgentSpan> spans =
        SentSpan.together(
            strands("a1", "invoke_agent support", "invoke_agent", null)
                .with("gen_ai.agent.name", "support")
                .with("gen_ai.usage.input_tokens", 30L)
                .with("gen_ai.usage.output_tokens", 5L),
            strands("a2", "execute_event_loop_cycle", "execute_event_loop_cycle", "a1")
                .with("event_loop.cycle_id", "c-1"),
            strands("a3", "chat", "chat", "a2")
                .with("gen_ai.request.model", "us.anthropic.claude-sonnet-4-20250514-v1:0")
                .with("gen_ai.usage.input_tokens", 30L)
                .with("gen_ai.usage.cache_read_input_tokens", 20L)
                .with("gen_ai.usage.cache_write_input_tokens", 10L)
                .with("gen_ai.usage.output_tokens", 5L)
                .with("gen_ai.usage.total_tokens", 65L),
            strands("a4", "execute_tool lookup", "execute_tool", "a2")
                .with("gen_ai.tool.name", "lookup")
                .with("gen_ai.tool.call.id", "tooluse_1"));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(SpanKind.AGENT, SpanKind.WORKFLOW, SpanKind.LLM, SpanKind.TOOL);
    assertThat(spans).extracting(AgentSpan::getAgentId).containsOnly("support");
    AgentSpan call = spans.get(2);
    assertThat(call.getProvider()).isEqualTo("aws.bedrock");
    assertThat(call.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 30L,
                "cache_read_tokens", 20L,
                "cache_write_5m_tokens", 10L,
                "output_tokens", 5L));
    assertThat(call.getInputInterpretation()).isEqualTo(InputInterpretation.EXCLUSIVE);
    assertThat(call.getInterpretationRule()).isEqualTo("table");
  }

  @Test
  void shouldReadSpringAiWhoseClientWrapsTheModel() {
    List<AgentSpan> spans =
        SentSpan.together(
            SentSpan.span("a1", "spring_ai chat_client")
                .scope("org.springframework.boot")
                .with("spring.ai.kind", "chat_client")
                .with("gen_ai.operation.name", "framework")
                .with("gen_ai.system", "spring_ai"),
            SentSpan.span("a2", "chat gpt-4o-mini")
                .under("a1")
                .scope("org.springframework.boot")
                .with("gen_ai.operation.name", "chat")
                .with("gen_ai.system", "openai")
                .with("gen_ai.request.model", "gpt-4o-mini")
                .with("gen_ai.usage.input_tokens", "9")
                .with("gen_ai.usage.output_tokens", "4")
                .with("gen_ai.usage.total_tokens", "13"),
            SentSpan.span("a3", "tool_call weather")
                .under("a1")
                .scope("org.springframework.boot")
                .with("spring.ai.kind", "tool_call")
                .with("gen_ai.operation.name", "framework")
                .with("spring.ai.tool.definition.name", "weather")
                .with("spring.ai.tool.call.arguments", "{}"));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(SpanKind.AGENT, SpanKind.LLM, SpanKind.TOOL);
    assertThat(spans.get(1).getUsage()).isEqualTo(Map.of("input_tokens", 9L, "output_tokens", 4L));
    assertThat(spans.get(1).getSourceDialect()).isEqualTo("spring-ai");
    assertThat(spans.get(2).getToolName()).isEqualTo("weather");
    assertThat(spans.get(2).getProvider()).isNull();
  }

  @Test
  void shouldReadGoogleAdkFromTheResponseItKeepsAsJson() {
    List<AgentSpan> spans =
        SentSpan.together(
            SentSpan.span("a1", "invocation").scope("gcp.vertex.agent"),
            SentSpan.span("a2", "agent_run [weather]").under("a1").scope("gcp.vertex.agent"),
            SentSpan.span("a3", "call_llm")
                .under("a2")
                .scope("gcp.vertex.agent")
                .with("gen_ai.system", "gcp.vertex.agent")
                .with("gen_ai.request.model", "gemini-3-pro-preview")
                .with("gcp.vertex.agent.session_id", "s-1")
                .with(
                    "gcp.vertex.agent.llm_response",
                    "{\"content\":{\"parts\":[{\"text\":\"secret\"}]},\"usage_metadata\":"
                        + "{\"prompt_token_count\":324,\"candidates_token_count\":1364,"
                        + "\"thoughts_token_count\":495,\"total_token_count\":2183}}"),
            SentSpan.span("a4", "execute_tool get_weather")
                .under("a2")
                .scope("gcp.vertex.agent")
                .with("gcp.vertex.agent.tool_call_args", "{\"city\":\"Paris\"}"),
            SentSpan.span("a5", "execute_tool (merged)").under("a2").scope("gcp.vertex.agent"));

    assertThat(spans)
        .extracting(AgentSpan::getKind)
        .containsExactly(
            SpanKind.WORKFLOW, SpanKind.AGENT, SpanKind.LLM, SpanKind.TOOL, SpanKind.WORKFLOW);
    AgentSpan call = spans.get(2);
    assertThat(call.getUsage())
        .isEqualTo(Map.of("input_tokens", 324L, "output_tokens", 1_364L, "reasoning_tokens", 495L));
    assertThat(call.getProvider()).as("the framework is no provider").isNull();
    assertThat(call.toString()).doesNotContain("secret");
    assertThat(spans.get(3).getToolName()).isEqualTo("get_weather");
  }

  @Test
  void shouldPriceTheAgentSpanWhereNothingElseCarriesUsage() {
    Normalised.Span query =
        SentSpan.span("ClaudeAgentSDK.query")
            .scope("openinference.instrumentation.claude_agent_sdk", "0.1.3")
            .with("openinference.span.kind", "AGENT")
            .with("llm.model_name", "claude-sonnet-4-6")
            .with("llm.token_count.prompt", 17_027L)
            .with("llm.token_count.prompt_details.cache_read", 17_024L)
            .with("llm.token_count.completion", 4L)
            .with("llm.token_count.total", 17_031L)
            .normalised();

    assertThat(query.span().getKind()).isEqualTo(SpanKind.LLM);
    assertThat(query.span().getUsage())
        .isEqualTo(Map.of("input_tokens", 3L, "cache_read_tokens", 17_024L, "output_tokens", 4L));
    assertThat(query.notes()).singleElement().asString().contains("alone carries the usage");
  }

  @Test
  void shouldReadClaudeCodesEvents() {
    Map<String, Object> request = new HashMap<>();
    request.put("session.id", "6fb9b4b8");
    request.put("event.name", "api_request");
    request.put("model", "claude-opus-4-5-20251101");
    request.put("cost_usd", "0.0123456789");
    request.put("duration_ms", "1500");
    request.put("input_tokens", "5");
    request.put("output_tokens", "94");
    request.put("cache_read_tokens", "128955");
    request.put("cache_creation_tokens", "1253");
    request.put("request_id", "req_1");
    request.put("speed", "normal");
    AgentSpan call = event("claude_code.api_request", request);

    assertThat(call.getKind()).isEqualTo(SpanKind.LLM);
    assertThat(call.getSourceDialect()).isEqualTo("claude-code");
    assertThat(call.getProvider()).isEqualTo("anthropic");
    assertThat(call.getRequestModel()).isEqualTo("claude-opus-4-5-20251101");
    assertThat(call.getRootRunId()).isEqualTo("6fb9b4b8");
    assertThat(call.getResponseId()).isEqualTo("req_1");
    assertThat(call.getServiceTier()).isEqualTo("standard");
    assertThat(call.getAgentId()).isEqualTo("claude-code");
    assertThat(call.getTeam()).isEqualTo("platform");
    assertThat(call.getReportedCost()).isEqualByComparingTo("0.0123456789");
    assertThat(call.getEndTime()).isEqualTo(Instant.parse("2026-01-01T12:00:00Z"));
    assertThat(call.getStartTime()).isEqualTo(Instant.parse("2026-01-01T11:59:58.500Z"));
    assertThat(call.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 1_253L,
                "output_tokens", 94L));
    assertThat(call.getInterpretationRule()).isEqualTo("table");
    assertThat(event("claude_code.api_request", request).getSpanId())
        .as("an event sent twice is one span")
        .isEqualTo(call.getSpanId());
  }

  @Test
  void shouldReadTheToolsThatClaudeCodeCalls() {
    AgentSpan failed =
        event(
            "claude_code.tool_result",
            Map.of(
                "session.id", "6fb9b4b8",
                "tool_name", "Bash",
                "tool_use_id", "toolu_1",
                "success", "false",
                "duration_ms", 20L,
                "tool_parameters", "{\"bash_command\":\"make\"}"));

    assertThat(failed.getKind()).isEqualTo(SpanKind.TOOL);
    assertThat(failed.getToolName()).isEqualTo("Bash");
    assertThat(failed.getToolCallId()).isEqualTo("toolu_1");
    assertThat(failed.getStatus()).isEqualTo(SpanStatus.ERROR);
    assertThat(failed.getArgumentHash()).isNotNull();
    assertThat(
            Normaliser.standard()
                .normaliseEvent(
                    new SourceEvent("claude_code.user_prompt", SentSpan.NOON, Map.of()),
                    Map.of(),
                    "com.anthropic.claude_code.events",
                    ""))
        .isEqualTo(new Normalised.Ignored("no cost in this event"));
    assertThat(
            Normaliser.standard()
                .normaliseEvent(
                    new SourceEvent("device.app.lifecycle", SentSpan.NOON, Map.of()),
                    Map.of(),
                    "some.app",
                    ""))
        .isInstanceOf(Normalised.Ignored.class);
  }

  @Test
  void shouldReadLiteLlmsLoggingPayload() throws IOException {
    String payload =
        """
        {"id": "chatcmpl-9", "trace_id": "t-1", "call_type": "acompletion", "status": "success",
         "custom_llm_provider": "anthropic", "model": "claude-sonnet-4-5", "model_group": "smart",
         "response_cost": 0.0000123456789012345, "prompt_tokens": 2600, "completion_tokens": 30,
         "total_tokens": 2630, "startTime": 1767268800.25, "endTime": 1767268801.5,
         "api_base": "https://api.anthropic.com/v1/messages",
         "messages": [{"role": "user", "content": "secret"}],
         "metadata": {"user_api_key_team_alias": "support", "user_api_key_alias": "helpdesk-bot",
           "requester_metadata": {"fuseline.workflow": "refund"},
           "usage_object": {"prompt_tokens": 2600, "cache_read_input_tokens": 2000,
             "prompt_tokens_details": {"cached_tokens": 2000, "cache_creation_tokens": 400,
               "cache_creation_token_details": {"ephemeral_1h_input_tokens": 400}},
             "completion_tokens_details": {"reasoning_tokens": 10}}},
         "response": {"model": "claude-sonnet-4-5-20250929", "choices": []}}
        """;
    JsonMapper json =
        JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    AgentSpan call =
        ((Normalised.Span) Normaliser.standard().normaliseLiteLlm(json.readTree(payload))).span();

    assertThat(call.getSpanId()).isEqualTo("chatcmpl-9");
    assertThat(call.getRootRunId()).isEqualTo("t-1");
    assertThat(call.getKind()).isEqualTo(SpanKind.LLM);
    assertThat(call.getProvider()).isEqualTo("anthropic");
    assertThat(call.getResponseModel()).isEqualTo("claude-sonnet-4-5-20250929");
    assertThat(call.getTeam()).isEqualTo("support");
    assertThat(call.getWorkflow()).isEqualTo("refund");
    assertThat(call.getAgentId()).isEqualTo("helpdesk-bot");
    assertThat(call.getStartTime()).isEqualTo(Instant.parse("2026-01-01T12:00:00.250Z"));
    assertThat(call.getEndTime()).isEqualTo(Instant.parse("2026-01-01T12:00:01.500Z"));
    assertThat(call.getReportedCost()).isEqualByComparingTo("0.000012345679");
    assertThat(call.getUsage())
        .isEqualTo(
            Map.of(
                "input_tokens", 200L,
                "cache_read_tokens", 2_000L,
                "cache_write_1h_tokens", 400L,
                "output_tokens", 20L,
                "reasoning_tokens", 10L));
    assertThat(call.toString()).doesNotContain("secret");
  }

  @Test
  void shouldKnowProviderAndRegionFromModelAndHost() {
    AgentSpan bedrock =
        chat()
            .with("gen_ai.system", "anthropic")
            .with("gen_ai.request.model", "anthropic.claude-sonnet-4-20250514-v1:0")
            .with("server.address", "bedrock-runtime.eu-central-1.amazonaws.com")
            .agentSpan();
    AgentSpan deepSeek =
        chat()
            .with("gen_ai.system", "openai")
            .with("gen_ai.request.model", "deepseek-chat")
            .with("gen_ai.openai.api_base", "https://api.deepseek.com/v1/")
            .agentSpan();
    AgentSpan elsewhere =
        chat()
            .with("gen_ai.system", "openai")
            .with("gen_ai.request.model", "gpt-5")
            .from("cloud.region", "us-east-1")
            .agentSpan();
    AgentSpan sameRegion =
        chat()
            .with("gen_ai.system", "aws_bedrock")
            .with("gen_ai.provider.name", "aws.bedrock")
            .with("gen_ai.request.model", "amazon.nova-pro-v1:0")
            .from("cloud.region", "us-east-1")
            .agentSpan();

    assertThat(bedrock.getProvider()).isEqualTo("aws.bedrock");
    assertThat(bedrock.getRegion()).isEqualTo("eu-central-1");
    assertThat(deepSeek.getProvider()).isEqualTo("deepseek");
    assertThat(elsewhere.getRegion()).as("where the agent runs is not where the model is").isNull();
    assertThat(sameRegion.getRegion()).isEqualTo("us-east-1");
  }

  private static AgentSpan event(String name, Map<String, Object> attributes) {
    Normalised answer =
        Normaliser.standard()
            .normaliseEvent(
                new SourceEvent(name, SentSpan.NOON, attributes),
                Map.of("service.name", "claude-code", "team.id", "platform"),
                "com.anthropic.claude_code.events",
                "2.1.0");
    return ((Normalised.Span) answer).span();
  }

  private static SentSpan strands(String id, String name, String operation, String parent) {
    return SentSpan.span(id, name)
        .under(parent)
        .scope("strands.telemetry.tracer")
        .with("gen_ai.system", "strands-agents")
        .with("gen_ai.operation.name", operation);
  }

  private static SentSpan chat() {
    return SentSpan.span("chat").with("gen_ai.operation.name", "chat");
  }
}
