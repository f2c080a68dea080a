package io.fuseline.enrichment.price;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.enrichment.SharedData;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The whole of the genai-prices data of 2026-08-21, priced through importer and book, against the
 * list's own numbers in plain decimals.
 */
class GenaiPricesListTest {

  private static final LocalDate DAY = LocalDate.of(2026, 8, 21);
  private static final String SINCE = "2025-01-01";

  private final List<Skipped> expectedSkips = new ArrayList<>();
  private int cells;

  @Test
  void shouldPriceEveryModelAsTheListSaysAtEveryTimeAndUnderEveryName() throws IOException {
    Path file = SharedData.file("prices/genai_prices_v2_2026-08-21.json.gz");
    ImportResult result = GenaiPricesImporter.read(file, DAY, Instant.parse(SINCE + "T00:00:00Z"));
    PriceBook book = new PriceBook("USD");
    result.entries().forEach(book::put);
    JsonNode list = PlainPrices.json(file);

    int models = 0;
    int usages = 0;
    int aliases = 0;
    for (JsonNode provider : list) {
      for (JsonNode model : provider.get("models")) {
        for (String pattern : clauses(model.get("match"), true)) {
          expectedSkips.add(
              new Skipped(id(model), "match." + pattern, GenaiPricesImporter.PATTERN));
        }
        if (model.get("prices").isEmpty()) {
          usages += checkUnpriced(book, provider, model);
          continue;
        }
        models++;
        Set<String> names = new LinkedHashSet<>(List.of(id(model)));
        clauses(model.get("match"), false).stream()
            .filter(name -> !name.matches(".*[-@:./_]"))
            .filter(name -> first(provider, name) == model)
            .forEach(names::add);
        aliases += names.size() - 1;
        for (Instant time : times(model.get("prices"))) {
          PlainPrices plain = plain(provider, set(model.get("prices"), time));
          for (Map<String, Long> usage : plain.usages(id(model), "standard")) {
            for (String name : names) {
              AgentSpan span = Prices.llm(id(provider), name, usage);

              Pricing pricing = book.price(span, Prices.micros(time));

              String what = id(provider) + " " + name + " " + time + " " + usage;
              assertThat(pricing.status()).as(what).isEqualTo(CostStatus.PRICED);
              assertThat(pricing.sku()).as(what).isEqualTo(id(model));
              assertThat(Prices.cost(pricing))
                  .as(what)
                  .isEqualByComparingTo(plain.cost(usage, "standard", null));
              usages++;
            }
          }
        }
      }
    }

    System.out.printf(
        "genai-prices: %d models priced, %d more names, %d cells checked over %d usages; %d skipped: %s%n",
        models, aliases, cells, usages, result.skipped().size(), result.skippedByReason());
    // A provider that stands for two of ours gives each skip twice.
    assertThat(new LinkedHashSet<>(result.skipped()))
        .containsExactlyInAnyOrderElementsOf(new LinkedHashSet<>(expectedSkips));
    assertThat(result.rounded())
        .extracting(cell -> cell.model() + " " + cell.key() + " " + cell.taken().toPlainString())
        .containsExactly("Qwen/Qwen3-VL-8B-Instruct prices.input_mtok 0.000000180000");
    assertThat(models).isEqualTo(1309);
  }

  private int checkUnpriced(PriceBook book, JsonNode provider, JsonNode model) {
    AgentSpan span =
        Prices.llm(id(provider), id(model), Map.of("input_tokens", 5L, "output_tokens", 7L));
    Pricing pricing = book.price(span, Prices.NOON);
    if (id(model).endsWith(":free")) {
      assertThat(pricing.status()).as(id(model)).isEqualTo(CostStatus.PRICED);
      assertThat(pricing.listPico()).as(id(model)).isZero();
    } else {
      expectedSkips.add(new Skipped(id(model), "prices", GenaiPricesImporter.NO_PRICE));
      assertThat(pricing.sku()).as(id(model)).isNotEqualTo(id(model));
    }
    return 1;
  }

  /** The set that the list means at the time: the last whose condition holds. */
  private static JsonNode set(JsonNode prices, Instant time) {
    if (prices.isObject()) {
      return prices;
    }
    JsonNode last = null;
    for (JsonNode set : prices) {
      JsonNode when = set.path("constraint");
      String day = time.toString().substring(0, 10);
      String clock = time.toString().substring(11);
      boolean holds =
          when.isMissingNode()
              || when.has("start_date") && when.get("start_date").asText().compareTo(day) <= 0
              || when.has("start_time")
                  && when.get("start_time").asText().compareTo(clock) <= 0
                  && clock.compareTo(when.get("end_time").asText()) < 0;
      last = holds ? set.get("prices") : last;
    }
    return last;
  }

  /** A time for each set, and both sides of each condition. */
  private static Set<Instant> times(JsonNode prices) {
    Set<Instant> times = new LinkedHashSet<>();
    times.add(Instant.parse("2025-02-01T12:00:00Z"));
    for (JsonNode set : prices) {
      JsonNode when = set.path("constraint");
      if (when.has("start_date")) {
        Instant start = Instant.parse(when.get("start_date").asText() + "T00:00:00Z");
        times.addAll(List.of(start.minusMillis(1), start, start.plusSeconds(400_000)));
      } else if (when.has("start_time")) {
        for (String edge : List.of("start_time", "end_time")) {
          Instant at = Instant.parse("2026-05-05T" + when.get(edge).asText());
          times.addAll(List.of(at.minusMillis(1), at));
        }
        times.add(Instant.parse("2026-05-05T00:00:00Z"));
        times.add(Instant.parse("2026-05-05T23:59:59Z"));
      }
    }
    return times;
  }

  private PlainPrices plain(JsonNode provider, JsonNode set) {
    PlainPrices plain = new PlainPrices();
    for (Map.Entry<String, JsonNode> price : set.properties()) {
      String key = price.getKey();
      BigDecimal per = new BigDecimal(key.endsWith("_kcount") ? 1_000 : 1_000_000);
      JsonNode value = price.getValue();
      JsonNode base = value.isObject() ? value.get("base") : value;
      plain.add(unitOf(key), "standard", "", 0, base.decimalValue().divide(per));
      cells++;
      for (JsonNode tier : value.path("tiers")) {
        long start = tier.get("start").longValue();
        long from = id(provider).equals("x-ai") ? start : start + 1;
        plain.add(unitOf(key), "standard", "", from, tier.get("price").decimalValue().divide(per));
        cells++;
      }
    }
    return plain;
  }

  /** The unit of a key, from the key's own words rather than from the importer's table. */
  private static String unitOf(String key) {
    String name = key.replaceAll("_(mtok|kcount)$", "");
    if (key.endsWith("_kcount")) {
      return name;
    }
    return switch (name) {
      case "cache_write" -> "cache_write_5m_tokens";
      case "output_reasoning", "output_citation" -> name.substring("output_".length()) + "_tokens";
      case "input_audio",
          "output_audio",
          "input_image",
          "output_image",
          "input_video",
          "output_video" ->
          name.substring(name.indexOf('_') + 1)
              + "_"
              + name.substring(0, name.indexOf('_'))
              + "_tokens";
      case "cache_audio_read", "cache_image_read" ->
          name.substring("cache_".length(), name.lastIndexOf('_')) + "_cache_read_tokens";
      default -> name + "_tokens";
    };
  }

  private static JsonNode first(JsonNode provider, String name) {
    for (JsonNode model : provider.get("models")) {
      if (matches(model.get("match"), name)) {
        return model;
      }
    }
    return null;
  }

  private static boolean matches(JsonNode match, String name) {
    Map.Entry<String, JsonNode> clause = match.properties().iterator().next();
    String text = clause.getValue().asText();
    return switch (clause.getKey()) {
      case "or" -> clause.getValue().valueStream().anyMatch(inner -> matches(inner, name));
      case "and" -> clause.getValue().valueStream().allMatch(inner -> matches(inner, name));
      case "equals" -> name.equals(text);
      case "starts_with" -> name.startsWith(text);
      case "ends_with" -> name.endsWith(text);
      case "contains" -> name.contains(text);
      case "regex" -> Pattern.compile(text).matcher(name).find();
      default -> throw new AssertionError(clause.getKey());
    };
  }

  private static List<String> clauses(JsonNode match, boolean regex) {
    List<String> texts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> clause : match.properties()) {
      if (clause.getValue().isArray()) {
        clause.getValue().forEach(inner -> texts.addAll(clauses(inner, regex)));
      } else if (clause.getKey().equals("regex") == regex) {
        texts.add(clause.getValue().asText());
      }
    }
    return texts;
  }

  private static String id(JsonNode node) {
    return node.get("id").asText();
  }
}
