package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.enrichment.price.ImportResult.Rounded;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.PriceEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiteLlmPriceImporterTest {

  private static final LocalDate DAY = LocalDate.of(2026, 8, 6);

  @Test
  void shouldTakeOrExplainEveryPriceCell() throws IOException {
    ImportResult result =
        read(
            """
            {"sample_spec": {"input_cost_per_token": 1, "litellm_provider": "one of"},
             "anthropic/m": {"litellm_provider": "anthropic", "mode": "chat", "max_tokens": 5,
               "input_cost_per_token": 3e-06, "input_cost_per_token_batches": 1.5e-6,
               "output_cost_per_token": 0.000015000020000000002,
               "output_cost_per_image": 1.59263611E-7, "output_cost_per_pixel": 1.2345678e-17,
               "output_cost_per_second": 1.2345678e-18,
               "cache_read_input_token_cost": 3e-7, "input_cost_per_token_cache_hit": 3e-7,
               "input_cost_per_character": 3e-7, "input_cost_per_character_batches": 0,
               "input_dbu_cost_per_token": 1e-5, "cost_of_magic": 1, "input_cost_per_query": "0.1",
               "output_cost_per_image_premium_image": 0.1,
               "input_cost_per_second": -1,
               "search_context_cost_per_query": {"search_context_size_low": 0.01,
                 "search_context_size_medium": 0.01, "search_context_size_high": 0.01},
               "provider_specific_entry": {"schema": "x", "warp": 3}},
             "zero": {"litellm_provider": "openrouter", "input_cost_per_token": 0, "output_cost_per_token": 0.0},
             "zero:free": {"litellm_provider": "openrouter", "input_cost_per_token": 0},
             "orphan": {"input_cost_per_token": 1e-6}}
            """);

    assertThat(result.entries())
        .extracting(LiteLlmPriceImporterTest::shown)
        .containsExactlyInAnyOrder(
            "anthropic/m input_tokens standard 0.000003",
            "anthropic/m input_tokens batch 0.0000015",
            "anthropic/m output_tokens standard 0.00001500002",
            "anthropic/m output_images standard 159.263611 NANO_USD",
            "anthropic/m output_pixels standard 0.000012345678 PICO_USD",
            "anthropic/m cache_read_tokens standard 0.0000003",
            "anthropic/m input_characters standard 0.0000003",
            "anthropic/m input_characters batch 0",
            "anthropic/m web_searches_low standard 0.01",
            "anthropic/m web_searches_medium standard 0.01",
            "anthropic/m web_searches_high standard 0.01",
            "anthropic/m web_searches standard 0.01",
            "zero:free input_tokens standard 0",
            "NANO_USD * standard 0.000000001",
            "PICO_USD * standard 0.000000000001");
    assertThat(result.rounded())
        .containsExactly(
            new Rounded(
                "anthropic/m",
                "output_cost_per_token",
                new BigDecimal("0.000015000020000000002"),
                new BigDecimal("0.000015000020")));
    assertThat(result.skipped())
        .containsExactlyInAnyOrder(
            new Skipped("anthropic/m", "input_cost_per_token_cache_hit", Gathered.SAME_UNIT),
            new Skipped("anthropic/m", "input_dbu_cost_per_token", LiteLlmCells.VIRTUAL_CURRENCY),
            new Skipped("anthropic/m", "cost_of_magic", LiteLlmCells.UNKNOWN_KEY),
            new Skipped("anthropic/m", "input_cost_per_query", LiteLlmPriceImporter.NO_NUMBER),
            new Skipped(
                "anthropic/m", "output_cost_per_image_premium_image", LiteLlmCells.IMAGE_SIZE),
            new Skipped("anthropic/m", "output_cost_per_second", Gathered.TOO_FINE),
            new Skipped("anthropic/m", "input_cost_per_second", Gathered.FAULTY),
            new Skipped("anthropic/m", "provider_specific_entry.warp", LiteLlmCells.UNKNOWN_KEY),
            new Skipped("zero", "input_cost_per_token", LiteLlmPriceImporter.ZERO_UNKNOWN),
            new Skipped("zero", "output_cost_per_token", LiteLlmPriceImporter.ZERO_UNKNOWN),
            new Skipped("orphan", "input_cost_per_token", LiteLlmPriceImporter.NO_PROVIDER));
    PriceEntry first = result.entries().get(0);
    assertThat(first.getAliases()).containsExactly("m");
    assertThat(first.getSource()).isEqualTo("LiteLLM model price list, 2026-08-06");
    assertThat(first.getValidFrom()).isEqualTo(Prices.NEW_YEAR);
  }

  @Test
  void shouldTakeCliffsAsBandsInEveryTierAndForEveryCacheTtl() throws IOException {
    ImportResult result =
        read(
            """
            {"m": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06,
               "input_cost_per_token_above_200k_tokens": 6e-06,
               "input_cost_per_token_above_200k_tokens_priority": 9e-06,
               "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 12e-06},
             "grok": {"litellm_provider": "xai", "input_cost_per_token": 3e-06,
               "input_cost_per_token_above_128k_tokens": 6e-06},
             "video": {"litellm_provider": "vertex_ai", "input_cost_per_video_per_second": 1e-3,
               "input_cost_per_video_per_second_above_8s_interval": 2e-3}}
            """);

    assertThat(result.skipped()).isEmpty();
    assertThat(result.entries())
        .extracting(LiteLlmPriceImporterTest::shown)
        .containsExactlyInAnyOrder(
            "m input_tokens standard 0.000003",
            "m input_tokens standard from 200001 0.000006",
            "m input_tokens priority from 200001 0.000009",
            "m cache_write_1h_tokens standard from 200001 0.000012",
            "grok input_tokens standard 0.000003",
            "grok input_tokens standard from 128000 0.000006",
            "video video_input_seconds standard 0.001",
            "video video_input_seconds standard from 9 video_interval_seconds 0.002",
            "video video_interval_seconds standard 0");
  }

  @Test
  void shouldTakeRangesOfTokensAndOfResults() throws IOException {
    ImportResult result =
        read(
            """
            {"dashscope/q": {"litellm_provider": "dashscope", "tiered_pricing": [
               {"range": [0, 32000.0], "input_cost_per_token": 1e-6, "cache_read_input_token_cost": 1e-7},
               {"range": [32000.0, 128000.0], "input_cost_per_token": 2e-6},
               {"range": "wide", "input_cost_per_token": 3e-6}]},
             "exa_ai/search": {"litellm_provider": "exa_ai", "tiered_pricing": [
               {"max_results_range": [0, 25], "input_cost_per_query": 0.005},
               {"max_results_range": [26, 100], "input_cost_per_query": 0.025}]}}
            """);

    assertThat(result.skipped())
        .containsExactly(
            new Skipped(
                "dashscope/q",
                "tiered_pricing[2].input_cost_per_token",
                LiteLlmPriceImporter.NO_RANGE));
    assertThat(result.entries())
        .extracting(LiteLlmPriceImporterTest::shown)
        .containsExactlyInAnyOrder(
            "dashscope/q input_tokens standard 0.000001",
            "dashscope/q cache_read_tokens standard 0.0000001",
            "dashscope/q input_tokens standard from 32001 0.000002",
            "exa_ai/search queries standard 0.005",
            "exa_ai/search queries standard from 26 results 0.025",
            "exa_ai/search results standard 0");
  }

  @Test
  void shouldTakeRegionsAndSpeedsAsFactorsOnTokensAlone() throws IOException {
    PriceBook book = new PriceBook("USD");
    read("""
            {"claude-x": {"litellm_provider": "anthropic", "input_cost_per_token": 1e-6,
               "search_context_cost_per_query": {"search_context_size_low": 0.01},
               "provider_specific_entry": {"us": 1.1, "fast": 6.0}},
             "claude-x-20260101": {"litellm_provider": "anthropic", "input_cost_per_token": 1e-6,
               "search_context_cost_per_query": {"search_context_size_low": 0.01},
               "provider_specific_entry": {"us": 1.1, "fast": 6.0}},
             "gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 1e-6,
               "regional_processing_uplift_multiplier_eu": 1.2}}
            """)
        .entries()
        .forEach(book::put);

    AgentSpan span =
        Prices.llm(
            "anthropic",
            "claude-x-20260101",
            Map.of("input_tokens", 1_000_000L, "web_searches_low", 1L));
    assertThat(Prices.cost(book.price(span, Prices.NOON))).isEqualByComparingTo("1.01");
    span.setRegion("us-east-1");
    assertThat(Prices.cost(book.price(span, Prices.NOON))).isEqualByComparingTo("1.11");
    span.setServiceTier("fast");
    assertThat(Prices.cost(book.price(span, Prices.NOON))).isEqualByComparingTo("6.61");
    AgentSpan gpt = Prices.llm("openai", "gpt-x", Map.of("input_tokens", 1_000_000L));
    gpt.setRegion("eu");
    assertThat(Prices.cost(book.price(gpt, Prices.NOON))).isEqualByComparingTo("1.2");
  }

  @Test
  void shouldSayWhereAFileIsBroken(@TempDir Path folder) throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.json"), "{\n \"a\": {,");
    Path list = Files.writeString(folder.resolve("list.json"), "[]");

    assertThatThrownBy(() -> LiteLlmPriceImporter.read(broken, DAY, Prices.NEW_YEAR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken.json")
        .hasMessageContaining("line: 2");
    assertThatThrownBy(() -> LiteLlmPriceImporter.read(list, DAY, Prices.NEW_YEAR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("list.json: expected a JSON object of models, found ARRAY");
  }

  private static ImportResult read(String json) throws IOException {
    return LiteLlmPriceImporter.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), DAY, Prices.NEW_YEAR);
  }

  private static String shown(PriceEntry entry) {
    String band = entry.getBandFrom() == 0 ? "" : " from " + entry.getBandFrom();
    String of = entry.getBandUnit().isEmpty() ? "" : " " + entry.getBandUnit();
    String currency = entry.getCurrency().equals("USD") ? "" : " " + entry.getCurrency();
    String price =
        entry.getPrice().signum() == 0
            ? "0"
            : entry.getPrice().stripTrailingZeros().toPlainString();
    return entry.getSku()
        + " "
        + entry.getUnit()
        + " "
        + entry.getServiceTier()
        + band
        + of
        + " "
        + price
        + currency;
  }
}
