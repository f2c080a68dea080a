package io.fuseline.enrichment.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.Pricing;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From what an instrumentation sends to what the provider billed, to the last digit. */
class PricedDialectsTest {

  private static final PriceBook BOOK = new PriceBook("USD");

  @BeforeAll
  static void load() {
    DefaultPrices.load().forEach(BOOK::put);
  }

  @Test
  void shouldMatchTheAnthropicConsoleFromClaudeCodesEvent() {
    AgentSpan span =
        ((Normalised.Span)
                Normaliser.standard()
                    .normaliseEvent(
                        new SourceEvent(
                            "claude_code.api_request",
                            SentSpan.NOON,
                            Map.of(
                                "session.id", "s",
                                "model", "claude-sonnet-4-5-20250929",
                                "input_tokens", 3L,
                                "cache_creation_tokens", 12_304L,
                                "cache_read_tokens", 0L,
                                "output_tokens", 550L)),
                        Map.of(),
                        "com.anthropic.claude_code.events",
                        ""))
            .span();

    assertCost(span, "0.054399");
  }

  @Test
  void shouldMatchBedrockFromStrands() {
    assertCost(
        SentSpan.span("chat")
            .scope("strands.telemetry.tracer")
            .with("gen_ai.system", "strands-agents")
            .with("gen_ai.operation.name", "chat")
            .with("gen_ai.request.model", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
            .with("gen_ai.usage.input_tokens", 3L)
            .with("gen_ai.usage.cache_write_input_tokens", 25L)
            .with("gen_ai.usage.cache_read_input_tokens", 13_216L)
            .with("gen_ai.usage.output_tokens", 12L)
            .agentSpan(),
        "0.004672305");
  }

  @Test
  void shouldMatchGeminiFromTheAgentDevelopmentKit() {
    assertCost(
        SentSpan.span("call_llm")
            .scope("gcp.vertex.agent")
            .with("gen_ai.system", "gcp.vertex.agent")
            .with("gen_ai.request.model", "gemini-3-pro-preview")
            .with(
                "gcp.vertex.agent.llm_response",
                "{\"usage_metadata\":{\"prompt_token_count\":324,\"candidates_token_count\":1364,"
                    + "\"thoughts_token_count\":495,\"total_token_count\":2183}}")
            .agentSpan(),
        "0.022956");
  }

  @Test
  void shouldMatchGptProFromTheVercelSdk() {
    assertCost(
        SentSpan.span("ai.generateText.doGenerate")
            .scope("ai")
            .with("ai.operationId", "ai.generateText.doGenerate")
            .with("gen_ai.system", "openai.responses")
            .with("gen_ai.request.model", "gpt-5.5-pro")
            .with("ai.usage.inputTokens", 14_746L)
            .with("ai.usage.outputTokens", 1_944L)
            .with("ai.usage.reasoningTokens", 1_360L)
            .agentSpan(),
        "0.792300");
  }

  @Test
  void shouldMatchThePriorityTierThatTheResponseTells() {
    assertCost(
        SentSpan.span("chat gpt-4o")
            .with("gen_ai.operation.name", "chat")
            .with("gen_ai.provider.name", "openai")
            .with("gen_ai.request.model", "gpt-4o")
            .with("gen_ai.openai.request.service_tier", "auto")
            .with("gen_ai.openai.response.service_tier", "priority")
            .with("gen_ai.usage.input_tokens", 9L)
            .with("gen_ai.usage.output_tokens", 1L)
            .agentSpan(),
        "0.00005525");
  }

  @Test
  void shouldFindThePriceOfModelsAsRealSpansNameThem() {
    assertThat(priced("openai.chat", "gpt-4o-mini-2024-07-18")).isEqualTo(CostStatus.PRICED);
    assertThat(priced(null, "gpt-4.1-2025-04-14")).isEqualTo(CostStatus.PRICED);
    assertThat(priced("langchain", "claude-sonnet-4-5-20250929")).isEqualTo(CostStatus.PRICED);
    assertThat(priced("google.generative-ai", "gemini-2.5-flash")).isEqualTo(CostStatus.PRICED);
    assertThat(
            priced(
                null,
                "projects/p-1/locations/europe-central2/publishers/google/models/gemini-2.5-flash"))
        .isEqualTo(CostStatus.PRICED);
    assertThat(
            priced(
                "AWS",
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
                    + "us.anthropic.claude-sonnet-4-5-20250929-v1:0"))
        .isEqualTo(CostStatus.PRICED);
    assertThat(priced("openai", "ft:gpt-4o-mini-2024-07-18:acme::abc"))
        .as("a fine-tune costs more than its base: no price is better than a wrong one")
        .isEqualTo(CostStatus.UNPRICED);
    assertThat(priced("openai", "gpt-999")).isEqualTo(CostStatus.UNPRICED);
  }

  private static CostStatus priced(String system, String model) {
    SentSpan span =
        SentSpan.span("chat")
            .with("gen_ai.operation.name", "chat")
            .with("gen_ai.request.model", model)
            .with("gen_ai.usage.input_tokens", 10L);
    AgentSpan sent = (system == null ? span : span.with("gen_ai.system", system)).agentSpan();
    return BOOK.price(sent, SentSpan.NOON).status();
  }

  private static void assertCost(AgentSpan span, String cost) {
    Pricing pricing = BOOK.price(span, SentSpan.NOON);
    assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
    assertThat(BigDecimal.valueOf(pricing.contractedPico(), 12)).isEqualByComparingTo(cost);
  }
}
