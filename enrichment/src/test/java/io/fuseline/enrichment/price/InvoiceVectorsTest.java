package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Figures from real invoices and consoles, to the last digit, with the price list that comes with
 * Fuseline.
 */
class InvoiceVectorsTest {

  private static final PriceBook BOOK = new PriceBook("USD");

  @BeforeAll
  static void load() {
    DefaultPrices.load().forEach(BOOK::put);
  }

  @Test
  void shouldMatchTheAnthropicConsole() {
    assertCost(
        Prices.llm(
            "anthropic",
            "claude-sonnet-4-5-20250929",
            Map.of("input_tokens", 3L, "cache_write_5m_tokens", 12_304L, "output_tokens", 550L)),
        "0.054399");
  }

  @Test
  void shouldMatchBedrock() {
    assertCost(
        Prices.llm(
            "aws.bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            Map.of(
                "input_tokens", 3L,
                "cache_write_5m_tokens", 25L,
                "cache_read_tokens", 13_216L,
                "output_tokens", 12L)),
        "0.004672305");
  }

  @Test
  void shouldMatchGeminiWhoseThoughtsAreOutsideItsCandidates() {
    assertCost(
        Prices.llm(
            "gcp.gemini",
            "models/gemini-3-pro-preview",
            Map.of("input_tokens", 324L, "output_tokens", 1_364L, "reasoning_tokens", 495L)),
        "0.022956");
  }

  @Test
  void shouldMatchGptProWhoseReasoningIsInsideItsOutput() {
    assertCost(
        Prices.llm(
            "openai",
            "gpt-5.5-pro",
            Map.of("input_tokens", 14_746L, "output_tokens", 584L, "reasoning_tokens", 1_360L)),
        "0.792300");
  }

  @Test
  void shouldMatchThePriorityTier() {
    AgentSpan span =
        Prices.llm("openai", "gpt-4o", Map.of("input_tokens", 9L, "output_tokens", 1L));
    span.setServiceTier("priority");

    assertCost(span, "0.00005525");
  }

  @Test
  void shouldTakeTheTierRowOfXaiWithExactlyTwoHundredThousandTokens() {
    assertCost(
        Prices.llm("x_ai", "grok-4.5", Map.of("input_tokens", 199_999L, "output_tokens", 1_000L)),
        "0.405998");
    assertCost(
        Prices.llm(
            "x_ai",
            "grok-4.5",
            Map.of(
                "input_tokens", 150_000L, "cache_read_tokens", 50_000L, "output_tokens", 1_000L)),
        "0.662");
  }

  @Test
  void shouldStayBelowTheCliffOfOthersWithExactlyTheirThreshold() {
    assertCost(
        Prices.llm("gcp.gemini", "gemini-2.5-pro", Map.of("input_tokens", 200_000L)), "0.25");
    assertCost(
        Prices.llm("gcp.gemini", "gemini-2.5-pro", Map.of("input_tokens", 200_001L)), "0.5000025");
  }

  @Test
  void shouldPriceEachLeafOfAnInputThatCountsItsCachedPartsOnce() {
    // Input 2,600, of which 2,000 read and 400 written.
    assertCost(
        Prices.llm(
            "anthropic",
            "claude-sonnet-4-5",
            Map.of(
                "input_tokens", 200L,
                "cache_read_tokens", 2_000L,
                "cache_write_5m_tokens", 400L)),
        "0.0027");
    // Input 130,213 by OpenTelemetry: 5 fresh, 128,955 read, 1,253 written.
    assertCost(
        Prices.llm(
            "anthropic",
            "claude-sonnet-4-5",
            Map.of(
                "input_tokens", 5L,
                "cache_read_tokens", 128_955L,
                "cache_write_5m_tokens", 1_253L)),
        "0.04340025");
  }

  private static void assertCost(AgentSpan span, String cost) {
    Pricing pricing = BOOK.price(span, Prices.NOON);
    assertThat(pricing.status()).isEqualTo(CostStatus.PRICED);
    assertThat(Prices.cost(pricing)).isEqualByComparingTo(cost);
  }
}
