package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.AgentSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelsDevImporterTest {

  /** In the form of models.dev's api.json; the numbers are invented. */
  private static final String CATALOGUE =
      """
      {"anthropic": {"id": "anthropic", "name": "Anthropic", "env": ["ANTHROPIC_API_KEY"], "models": {
         "claude-x": {"id": "claude-x", "limit": {"context": 1000000}, "cost": {"input": 3, "output": 15,
           "cache_read": 0.3, "cache_write": 3.75,
           "context_over_200k": {"input": 6, "output": 22.5, "cache_read": 0.6}}},
         "claude-y": {"cost": {"input": 1, "output": 2, "reasoning": 4, "input_audio": 5, "output_audio": 6,
           "smell": 1, "cache_read": "little",
           "tiers": [{"tier": {"type": "context", "size": 32000}, "input": 2, "output": 4},
                     {"tier": {"type": "context", "size": 128000}, "input": 3},
                     {"tier": {"type": "weekday"}, "input": 9}],
           "context_over_200k": {"input": 99}}},
         "no-cost": {"id": "no-cost"}}},
       "xai": {"models": {"grok-x": {"cost": {"input": 2, "output": 6, "context_over_200k": {"input": 4}}}}},
       "github-copilot": {"models": {"gpt-x": {"cost": {"input": 0, "output": 0}}}}}
      """;

  @Test
  void shouldPriceWhatTheCatalogueSaysOnBothSidesOfEachCliff() throws IOException {
    PriceBook book = new PriceBook("USD");
    read().entries().forEach(book::put);

    assertCost(book, "anthropic", "claude-x", Map.of("input_tokens", 200_000L), "0.6");
    assertCost(book, "anthropic", "claude-x", Map.of("input_tokens", 200_001L), "1.200006");
    assertCost(
        book,
        "anthropic",
        "claude-x",
        Map.of("input_tokens", 1L, "cache_read_tokens", 200_000L, "output_tokens", 10L),
        "0.120231");
    assertCost(book, "anthropic", "claude-x", Map.of("cache_write_5m_tokens", 4L), "0.000015");
    assertCost(book, "anthropic", "claude-y", Map.of("input_tokens", 32_001L), "0.064002");
    assertCost(book, "anthropic", "claude-y", Map.of("input_tokens", 128_001L), "0.384003");
    assertCost(book, "anthropic", "claude-y", Map.of("reasoning_tokens", 1L), "0.000004");
    assertCost(book, "anthropic", "claude-y", Map.of("audio_input_tokens", 1L), "0.000005");
    assertCost(book, "anthropic", "claude-y", Map.of("audio_output_tokens", 1L), "0.000006");
    assertCost(book, "xai", "grok-x", Map.of("input_tokens", 199_999L), "0.399998");
    assertCost(book, "xai", "grok-x", Map.of("input_tokens", 200_000L), "0.8");
  }

  @Test
  void shouldSayWhatItLeaves() throws IOException {
    assertThat(read().skipped())
        .containsExactlyInAnyOrder(
            new Skipped("claude-y", "cost.smell", ModelsDevImporter.UNKNOWN_KEY),
            new Skipped("claude-y", "cost.cache_read", ModelsDevImporter.NO_NUMBER),
            new Skipped("claude-y", "cost.tiers[2]", ModelsDevImporter.UNKNOWN_TIER),
            new Skipped("claude-y", "cost.context_over_200k", ModelsDevImporter.OLDER_FORM),
            new Skipped("gpt-x", "cost.input", ModelsDevImporter.ZERO_UNKNOWN),
            new Skipped("gpt-x", "cost.output", ModelsDevImporter.ZERO_UNKNOWN));
  }

  private static void assertCost(
      PriceBook book, String provider, String model, Map<String, Long> usage, String cost) {
    AgentSpan span = Prices.llm(provider, model, usage);
    assertThat(Prices.cost(book.price(span, Prices.NOON))).isEqualByComparingTo(cost);
  }

  private static ImportResult read() throws IOException {
    return ModelsDevImporter.read(
        new ByteArrayInputStream(CATALOGUE.getBytes(StandardCharsets.UTF_8)),
        LocalDate.of(2026, 8, 21),
        Prices.NEW_YEAR);
  }
}
