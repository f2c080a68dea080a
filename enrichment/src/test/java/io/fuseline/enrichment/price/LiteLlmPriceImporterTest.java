package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fuseline.enrichment.SharedData;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PriceEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
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
               "input_cost_per_token_above_200k_tokens": 6e-06,
               "output_cost_per_token": 0.000015000020000000002,
               "output_cost_per_image": 1.59263611E-7,
               "cache_read_input_token_cost": 3e-7, "input_cost_per_token_cache_hit": 3e-7,
               "input_dbu_cost_per_token": 1e-5, "cost_of_magic": 1, "input_cost_per_query": "0.1",
               "input_cost_per_second": -1,
               "search_context_cost_per_query": {"search_context_size_low": 0.01,
                 "search_context_size_medium": 0.01, "search_context_size_high": 0.01},
               "tiered_pricing": [{"range": [0, 5], "input_cost_per_token": 1}],
               "provider_specific_entry": {"fast": 6.0, "schema": "x"}},
             "zero": {"litellm_provider": "openrouter", "input_cost_per_token": 0, "output_cost_per_token": 0.0},
             "zero:free": {"litellm_provider": "openrouter", "input_cost_per_token": 0}}
            """);

    assertThat(result.entries())
        .extracting(
            entry ->
                entry.getSku()
                    + " "
                    + entry.getUnit()
                    + " "
                    + entry.getServiceTier()
                    + " "
                    + entry.getPrice().stripTrailingZeros().toPlainString())
        .containsExactlyInAnyOrder(
            "anthropic/m input_tokens standard 0.000003",
            "anthropic/m input_tokens batch 0.0000015",
            "anthropic/m output_tokens standard 0.00001500002",
            "anthropic/m cache_read_tokens standard 0.0000003",
            "anthropic/m web_searches_low standard 0.01",
            "anthropic/m web_searches_medium standard 0.01",
            "anthropic/m web_searches_high standard 0.01",
            "anthropic/m web_searches standard 0.01",
            "zero:free input_tokens standard 0");
    assertThat(result.skipped())
        .containsExactlyInAnyOrder(
            new Skipped(
                "anthropic/m",
                "input_cost_per_token_above_200k_tokens",
                LiteLlmCells.CONTEXT_LENGTH),
            new Skipped("anthropic/m", "output_cost_per_image", LiteLlmPriceImporter.TOO_FINE),
            new Skipped(
                "anthropic/m", "input_cost_per_token_cache_hit", LiteLlmPriceImporter.SAME_UNIT),
            new Skipped("anthropic/m", "input_dbu_cost_per_token", LiteLlmCells.VIRTUAL_CURRENCY),
            new Skipped("anthropic/m", "cost_of_magic", LiteLlmCells.UNKNOWN_KEY),
            new Skipped("anthropic/m", "input_cost_per_query", LiteLlmPriceImporter.NO_NUMBER),
            new Skipped("anthropic/m", "input_cost_per_second", LiteLlmPriceImporter.FAULTY),
            new Skipped("anthropic/m", "tiered_pricing", LiteLlmCells.RANGES),
            new Skipped("anthropic/m", "provider_specific_entry.fast", LiteLlmCells.MULTIPLIER),
            new Skipped("zero", "input_cost_per_token", LiteLlmPriceImporter.ZERO_UNKNOWN),
            new Skipped("zero", "output_cost_per_token", LiteLlmPriceImporter.ZERO_UNKNOWN));
    PriceEntry first = result.entries().get(0);
    assertThat(first.getAliases()).containsExactly("m");
    assertThat(first.getSource()).isEqualTo("LiteLLM model price list, 2026-08-06");
    assertThat(first.getValidFrom()).isEqualTo(Prices.NEW_YEAR);
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

  @Test
  void shouldPriceEveryModelOfTheRealListAsTheListSays() throws IOException {
    Path file = SharedData.file("prices/litellm_prices_2026-08-06.json.gz");
    Map<String, Map<String, String>> list = textOf(file);
    ImportResult result = LiteLlmPriceImporter.read(file, DAY, Prices.NEW_YEAR);
    PriceBook book = new PriceBook("USD");
    result.entries().forEach(book::put);
    Map<String, Set<String>> skipped = new HashMap<>();
    result
        .skipped()
        .forEach(
            cell ->
                skipped.computeIfAbsent(cell.model(), model -> new HashSet<>()).add(cell.key()));

    int priced = 0;
    int cells = 0;
    for (Map.Entry<String, Map<String, String>> model : list.entrySet()) {
      Map<String, String> fields = model.getValue();
      Map<String, Map<String, BigDecimal>> expected = new HashMap<>();
      for (Map.Entry<String, String> field : fields.entrySet()) {
        String key = field.getKey();
        boolean left = skipped.getOrDefault(model.getKey(), Set.of()).contains(top(key));
        boolean leftInner = skipped.getOrDefault(model.getKey(), Set.of()).contains(key);
        if (!key.contains("cost") || left || leftInner) {
          continue;
        }
        cells++;
        String tier =
            key.endsWith("_batches")
                ? "batch"
                : key.endsWith("_flex")
                    ? "flex"
                    : key.endsWith("_priority") ? "priority" : "standard";
        expected
            .computeIfAbsent(tier, name -> new HashMap<>())
            .put(
                unitOf(key.replaceAll("_(batches|flex|priority)$", "")),
                new BigDecimal(field.getValue()));
      }
      for (Map.Entry<String, Map<String, BigDecimal>> tier : expected.entrySet()) {
        Map<String, Long> usage = new HashMap<>();
        BigDecimal cost = BigDecimal.ZERO;
        for (Map.Entry<String, BigDecimal> price : tier.getValue().entrySet()) {
          long quantity = 1 + Math.floorMod((model.getKey() + price.getKey()).hashCode(), 50_000);
          usage.put(price.getKey(), quantity);
          // The list's float noise: 12 decimals, where that changes less than one part in a
          // billion.
          BigDecimal exact = price.getValue().setScale(12, RoundingMode.HALF_EVEN);
          assertThat(exact.subtract(price.getValue()).abs())
              .isLessThanOrEqualTo(price.getValue().multiply(new BigDecimal("1e-9")));
          cost = cost.add(exact.multiply(BigDecimal.valueOf(quantity)));
        }
        AgentSpan span = Prices.llm(fields.get("litellm_provider"), model.getKey(), usage);
        span.setServiceTier(tier.getKey());

        Pricing pricing = book.price(span, Prices.NOON);

        assertThat(pricing.status()).as(model.getKey()).isEqualTo(CostStatus.PRICED);
        assertThat(pricing.notes()).as(model.getKey()).isEmpty();
        assertThat(Prices.cost(pricing)).as(model.getKey()).isEqualByComparingTo(cost);
        priced++;
      }
    }

    Map<String, Long> reasons =
        result.skipped().stream()
            .collect(Collectors.groupingBy(Skipped::reason, TreeMap::new, Collectors.counting()));
    long sameSearchPrice =
        result.entries().stream().filter(entry -> entry.getUnit().equals("web_searches")).count();
    System.out.printf(
        "LiteLLM list: %d models, %d cells imported as %d prices, %d model-tiers priced, %d cells skipped:%n",
        list.size(), cells, result.entries().size(), priced, result.skipped().size());
    reasons.forEach((reason, count) -> System.out.printf("  %5d %s%n", count, reason));
    assertThat(result.entries()).hasSize((int) (cells + sameSearchPrice));
    assertThat(reasons.keySet())
        .isSubsetOf(
            LiteLlmCells.CONTEXT_LENGTH,
            LiteLlmCells.OTHER_CONDITION,
            LiteLlmCells.RANGES,
            LiteLlmCells.VIRTUAL_CURRENCY,
            LiteLlmCells.MULTIPLIER,
            LiteLlmPriceImporter.ZERO_UNKNOWN,
            LiteLlmPriceImporter.TOO_FINE,
            LiteLlmPriceImporter.SAME_UNIT);
  }

  /** The unit of a key, from the key's own words rather than from the importer's table. */
  private static String unitOf(String key) {
    String nested = "search_context_cost_per_query.search_context_size_";
    if (key.startsWith(nested)) {
      return "web_searches_" + key.substring(nested.length());
    }
    return switch (key) {
      case "cache_read_input_token_cost", "input_cost_per_token_cache_hit" -> "cache_read_tokens";
      case "cache_creation_input_token_cost" -> "cache_write_5m_tokens";
      case "cache_creation_input_token_cost_above_1hr" -> "cache_write_1h_tokens";
      case "cache_read_input_audio_token_cost" -> "audio_cache_read_tokens";
      case "cache_creation_input_audio_token_cost" -> "audio_cache_write_5m_tokens";
      case "output_cost_per_reasoning_token" -> "reasoning_tokens";
      case "input_cost_per_query" -> "queries";
      case "input_cost_per_request" -> "requests";
      case "ocr_cost_per_page" -> "pages";
      case "annotation_cost_per_page" -> "annotated_pages";
      case "ocr_cost_per_credit" -> "credits";
      case "code_interpreter_cost_per_session" -> "code_interpreter_sessions";
      case "citation_cost_per_token" -> "citation_tokens";
      default -> {
        String side = key.substring(0, key.indexOf("_cost_per_"));
        String of = key.substring(key.indexOf("_cost_per_") + "_cost_per_".length());
        yield switch (of) {
          case "token", "character", "image", "pixel", "second" -> side + "_" + of + "s";
          case "audio_token", "image_token", "video_token" ->
              of.replace("_token", "_" + side + "_tokens");
          case "audio_per_second", "video_per_second" ->
              of.replace("_per_second", "_" + side + "_seconds");
          default -> throw new AssertionError("unit of " + key + "?");
        };
      }
    };
  }

  private static String top(String key) {
    int dot = key.indexOf('.');
    return dot < 0 ? key : key.substring(0, dot);
  }

  /** Scalars of each model as they stand in the JSON text; nested keys joined by a dot. */
  private static Map<String, Map<String, String>> textOf(Path file) throws IOException {
    Map<String, Map<String, String>> models = new LinkedHashMap<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
        JsonParser parser = new JsonFactory().createParser(in)) {
      Deque<String> path = new ArrayDeque<>();
      parser.nextToken();
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_ARRAY) {
          parser.skipChildren();
        } else if (token == JsonToken.START_OBJECT) {
          path.addLast(parser.getParsingContext().getParent().getCurrentName());
        } else if (token == JsonToken.END_OBJECT && !path.isEmpty()) {
          path.removeLast();
        } else if (token.isScalarValue()) {
          String model = path.peekFirst();
          String prefix = path.size() > 1 ? path.peekLast() + "." : "";
          models
              .computeIfAbsent(model, name -> new LinkedHashMap<>())
              .put(prefix + parser.currentName(), parser.getText());
        }
      }
    }
    return models;
  }

  private static ImportResult read(String json) throws IOException {
    return LiteLlmPriceImporter.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), DAY, Prices.NEW_YEAR);
  }
}
