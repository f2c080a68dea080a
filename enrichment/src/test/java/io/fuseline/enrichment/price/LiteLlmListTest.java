package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.enrichment.SharedData;
import io.fuseline.enrichment.price.ImportResult.Rounded;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The whole of LiteLLM's list of 2026-08-06, priced through importer and book, against the list's
 * own numbers in plain decimals.
 */
class LiteLlmListTest {

  private static final LocalDate DAY = LocalDate.of(2026, 8, 6);
  private static final Pattern CLIFF = Pattern.compile("_above_(\\d+)k_tokens");
  private static final Pattern TIER = Pattern.compile("_(batches|flex|priority)$");

  private final List<Skipped> expectedSkips = new ArrayList<>();

  private final List<String> expectedNoise = new ArrayList<>();
  private int cells;

  @Test
  void shouldPriceEveryModelAsTheListSays() throws IOException {
    Path file = SharedData.file("prices/litellm_prices_2026-08-06.json.gz");
    ImportResult result = LiteLlmPriceImporter.read(file, DAY, Prices.NEW_YEAR);
    PriceBook book = new PriceBook("USD");
    result.entries().forEach(book::put);
    JsonNode list = PlainPrices.json(file);

    int models = 0;
    int usages = 0;
    for (Map.Entry<String, JsonNode> model : list.properties()) {
      PlainPrices plain = plain(model.getKey(), model.getValue());
      if (plain.isEmpty()) {
        continue;
      }
      models++;
      String provider = model.getValue().get("litellm_provider").textValue();
      for (String tier : plain.tiers()) {
        for (Map<String, Long> usage : plain.usages(model.getKey(), tier)) {
          for (String region : plain.regions()) {
            AgentSpan span = Prices.llm(provider, model.getKey(), usage);
            span.setServiceTier(tier);
            span.setRegion(region);

            Pricing pricing = book.price(span, Prices.NOON);

            String what = String.join(" ", model.getKey(), tier, region, usage.toString());
            assertThat(pricing.status()).as(what).isEqualTo(CostStatus.PRICED);
            assertThat(pricing.sku()).as(what).isEqualTo(model.getKey());
            assertThat(Prices.cost(pricing))
                .as(what)
                .isEqualByComparingTo(plain.cost(usage, tier, region));
            usages++;
          }
        }
      }
    }

    System.out.printf(
        "LiteLLM list: %d models, %d with prices; %d cells priced in %d usages, %d with noise taken off, %d skipped: %s%n",
        list.size(),
        models,
        cells,
        usages,
        result.rounded().size(),
        result.skipped().size(),
        result.skippedByReason());
    assertThat(result.skipped()).containsExactlyInAnyOrderElementsOf(expectedSkips);
    assertThat(result.rounded())
        .extracting(cell -> cell.model() + " " + cell.key())
        .containsExactlyInAnyOrderElementsOf(expectedNoise);
    assertThat(result.rounded())
        .extracting(Rounded::model)
        .allMatch(model -> model.startsWith("databricks/"))
        .hasSize(31);
    assertThat(list.size()).isEqualTo(2887);
    assertThat(models).isEqualTo(2774);
  }

  /** The model's cells by the words of their keys; what cannot be a price goes to the skips. */
  private PlainPrices plain(String model, JsonNode fields) {
    Map<String, BigDecimal> numbers = new LinkedHashMap<>();
    fields
        .properties()
        .forEach(
            field -> {
              String key = field.getKey();
              if (key.contains("cost_per") || key.contains("_token_cost")) {
                if (field.getValue().isObject()) {
                  field
                      .getValue()
                      .properties()
                      .forEach(
                          size ->
                              numbers.put(
                                  key + "." + size.getKey(), size.getValue().decimalValue()));
                } else {
                  numbers.put(key, field.getValue().decimalValue());
                }
              }
            });
    boolean ranged = fields.has("tiered_pricing");
    boolean allZero = !ranged && numbers.values().stream().allMatch(number -> number.signum() == 0);
    PlainPrices plain = new PlainPrices();
    Set<String> taken = new HashSet<>();
    numbers.forEach(
        (key, number) -> {
          if (key.contains("_dbu_")) {
            expectedSkips.add(new Skipped(model, key, LiteLlmCells.VIRTUAL_CURRENCY));
          } else if (allZero && !model.endsWith(":free")) {
            expectedSkips.add(new Skipped(model, key, LiteLlmPriceImporter.ZERO_UNKNOWN));
          } else {
            addCell(plain, model, fields, key, number, taken);
          }
        });
    fields.path("tiered_pricing").forEach(range -> addRange(plain, model, range));
    addFactors(plain, fields);
    return plain;
  }

  private void addCell(
      PlainPrices plain,
      String model,
      JsonNode fields,
      String key,
      BigDecimal number,
      Set<String> taken) {
    String rest = key;
    String tier = "standard";
    Matcher tiered = TIER.matcher(rest);
    if (tiered.find()) {
      tier = tiered.group(1).equals("batches") ? "batch" : tiered.group(1);
      rest = tiered.replaceFirst("");
    }
    String bandUnit = "";
    long from = 0;
    Matcher cliff = CLIFF.matcher(rest);
    if (cliff.find()) {
      long threshold = Long.parseLong(cliff.group(1)) * 1000;
      boolean reachedIsEnough = fields.get("litellm_provider").textValue().equals("xai");
      from = reachedIsEnough ? threshold : threshold + 1;
      rest = cliff.replaceFirst("");
    } else if (rest.matches(".*_above_\\d+s_interval")) {
      bandUnit = "video_interval_seconds";
      from = rest.contains("_8s") ? 9 : 16;
      rest = rest.substring(0, rest.indexOf("_above"));
    }
    String unit = unitOf(rest);
    if (!taken.add(unit + tier + from)) {
      expectedSkips.add(new Skipped(model, key, Gathered.SAME_UNIT));
      return;
    }
    add(plain, model, key, unit, tier, bandUnit, from, number);
  }

  private void addRange(PlainPrices plain, String model, JsonNode range) {
    boolean results = range.has("max_results_range");
    long start = range.get(results ? "max_results_range" : "range").get(0).longValue();
    long from = start <= 1 ? 0 : results ? start : start + 1;
    for (Map.Entry<String, JsonNode> price : range.properties()) {
      if (price.getKey().contains("cost")) {
        add(
            plain,
            model,
            price.getKey(),
            unitOf(price.getKey()),
            "standard",
            results && from > 0 ? "results" : "",
            from,
            price.getValue().decimalValue());
      }
    }
  }

  private void add(
      PlainPrices plain,
      String model,
      String key,
      String unit,
      String tier,
      String bandUnit,
      long from,
      BigDecimal number) {
    cells++;
    if (PlainPrices.isNoisy(number)) {
      expectedNoise.add(model + " " + key);
    }
    plain.add(unit, tier, bandUnit, from, number);
  }

  private void addFactors(PlainPrices plain, JsonNode fields) {
    for (String region : List.of("eu", "us")) {
      JsonNode uplift = fields.get("regional_processing_uplift_multiplier_" + region);
      if (uplift != null) {
        plain.addFactor("standard", region, uplift.decimalValue());
        cells++;
      }
    }
    JsonNode us = fields.path("provider_specific_entry").get("us");
    if (us != null) {
      plain.addFactor("standard", "us", us.decimalValue());
      cells++;
    }
    JsonNode fast = fields.path("provider_specific_entry").get("fast");
    if (fast != null) {
      plain.addFactor("fast", null, fast.decimalValue());
      cells++;
    }
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
      case "output_cost_per_second_1080p" -> "output_seconds_1080p";
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
}
