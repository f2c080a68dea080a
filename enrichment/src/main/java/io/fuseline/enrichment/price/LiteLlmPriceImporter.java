package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.fuseline.enrichment.price.LiteLlmCells.Cell;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads LiteLLM's model price list ({@code model_prices_and_context_window.json}; BerriAI/litellm,
 * MIT). Numbers are taken from the JSON text, exactly ({@link Gathered} has the rules).
 *
 * <p>The list's own habits, and what is made of them:
 *
 * <ul>
 *   <li>A model all of whose prices are 0 is mostly one whose price nobody entered: skipped, unless
 *       its name ends in {@code :free}. A single 0 beside other prices is taken as free.
 *   <li>{@code _above_200k_tokens} is a band of the whole request, by all its input tokens; {@link
 *       BandEdges} says on which side exactly 200,000 falls. {@code tiered_pricing} is the same by
 *       ranges.
 *   <li>Factors for a region or a speed are multipliers on all token prices; searches and the like
 *       cost the same everywhere.
 *   <li>What a band goes by beside tokens, such as the results of a search, costs nothing itself.
 * </ul>
 *
 * A model keeps the list's name as its sku; the name without the leading provider segment becomes
 * an alias.
 */
public final class LiteLlmPriceImporter {

  static final String ZERO_UNKNOWN = "zero in the source is not known to be free";
  static final String NO_NUMBER = "not a number";
  static final String NO_RANGE = "a range that does not say where it begins";
  static final String NO_PROVIDER = "the model has no litellm_provider";

  /** The list's key of a template, not a model. */
  private static final String TEMPLATE = "sample_spec";

  private static final String SOURCE = "LiteLLM model price list";
  private static final String SEARCH = "search_context_cost_per_query";
  private static final int SEARCH_SIZES = 3;

  private static final String TOKEN_RANGE = "range";
  private static final String RESULTS_RANGE = "max_results_range";

  private static final BigDecimal FREE = BigDecimal.ZERO.setScale(Pico.SCALE);

  private final Gathered gathered;
  private final Instant validFrom;

  private LiteLlmPriceImporter(LocalDate sourceDate, Instant validFrom) {
    this.gathered = new Gathered(SOURCE, sourceDate);
    this.validFrom = validFrom;
  }

  /**
   * The prices of a file, plain or gzip.
   *
   * @param sourceDate day the list is of
   * @param validFrom from when its prices are taken to hold
   * @throws IOException if it cannot be read, or is no JSON object; the message says where
   */
  public static ImportResult read(Path file, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    return new LiteLlmPriceImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(file, JsonNodeType.OBJECT, "models"));
  }

  /**
   * The prices of a stream, plain or gzip; the caller closes it.
   *
   * @see #read(Path, LocalDate, Instant)
   */
  public static ImportResult read(InputStream in, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    return new LiteLlmPriceImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(in, JsonNodeType.OBJECT, "models"));
  }

  private ImportResult readAll(JsonNode list) {
    for (Map.Entry<String, JsonNode> model : list.properties()) {
      if (!model.getKey().equals(TEMPLATE) && model.getValue().isObject()) {
        readModel(model.getKey(), model.getValue());
      }
    }
    return gathered.result();
  }

  private void readModel(String model, JsonNode fields) {
    String provider = ProviderNames.canonical(fields.path("litellm_provider").asText(""));
    List<Stated> cells = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (LiteLlmCells.concernsPrice(field.getKey())) {
        flatten(provider, field.getKey(), field.getValue(), cells);
      }
    }
    boolean allZero =
        cells.stream()
            .noneMatch(cell -> cell.value.isNumber() && cell.value.decimalValue().signum() != 0);
    boolean freeForSure = model.endsWith(":free");
    Map<String, BigDecimal> searches = new HashMap<>();
    for (Stated cell : cells) {
      Cell meaning = LiteLlmCells.meaning(cell.name);
      if (meaning.skipped() != null) {
        gathered.skip(model, cell.key, meaning.skipped());
      } else if (provider.isEmpty()) {
        gathered.skip(model, cell.key, NO_PROVIDER);
      } else if (cell.bandFrom < 0) {
        gathered.skip(model, cell.key, NO_RANGE);
      } else if (!cell.value.isNumber()) {
        gathered.skip(model, cell.key, NO_NUMBER);
      } else if (allZero && !freeForSure) {
        gathered.skip(model, cell.key, ZERO_UNKNOWN);
      } else {
        PriceEntry taken = take(model, provider, cell, meaning);
        if (taken != null && cell.key.startsWith(SEARCH)) {
          searches.put(meaning.unit(), taken.getPrice());
        }
      }
    }
    addPlainSearchPrice(model, provider, searches);
  }

  /** The entry of the cell; null if it was left out. */
  private PriceEntry take(String model, String provider, Stated cell, Cell meaning) {
    PriceEntry entry = entry(model, provider, meaning.unit(), meaning.tier());
    entry.setBasis(meaning.basis());
    entry.setRegion(meaning.region());
    if (meaning.threshold() > 0) {
      entry.setBandUnit(meaning.bandUnit());
      entry.setBandFrom(BandEdges.from(provider, meaning.threshold()));
    } else if (cell.bandFrom > 0) {
      entry.setBandUnit(cell.bandUnit);
      entry.setBandFrom(cell.bandFrom);
    }
    if (!gathered.take(model, cell.key, entry, cell.value.decimalValue())) {
      return null;
    }
    if (!entry.getBandUnit().isEmpty()) {
      gathered.imply(entry(model, provider, entry.getBandUnit(), Tiers.STANDARD), FREE);
    }
    return entry;
  }

  /**
   * Where a web search costs the same for every context size, one counted without its size has that
   * price too.
   */
  private void addPlainSearchPrice(
      String model, String provider, Map<String, BigDecimal> searches) {
    if (searches.size() == SEARCH_SIZES && Set.copyOf(searches.values()).size() == 1) {
      PriceEntry entry = entry(model, provider, "web_searches", Tiers.STANDARD);
      gathered.imply(entry, searches.values().iterator().next());
    }
  }

  private PriceEntry entry(String model, String provider, String unit, String tier) {
    PriceEntry entry = gathered.draft(PriceKind.MODEL, provider, model, aliases(model, provider));
    entry.setUnit(unit);
    entry.setServiceTier(tier);
    entry.setValidFrom(validFrom);
    return entry;
  }

  private static List<String> aliases(String model, String provider) {
    int slash = model.indexOf('/');
    boolean prefixed =
        slash > 0
            && slash < model.length() - 1
            && ProviderNames.canonical(model.substring(0, slash)).equals(provider);
    return prefixed ? List.of(model.substring(slash + 1)) : List.of();
  }

  private static void flatten(String provider, String key, JsonNode value, List<Stated> cells) {
    if (key.equals(LiteLlmCells.PROVIDER_SPECIFIC)) {
      // Multipliers are numbers; texts there have nothing to do with the price.
      value.properties().stream()
          .filter(inner -> inner.getValue().isNumber())
          .forEach(inner -> cells.add(Stated.plain(key + "." + inner.getKey(), inner.getValue())));
    } else if (key.equals(SEARCH) && value.isObject()) {
      value
          .properties()
          .forEach(inner -> cells.add(Stated.plain(key + "." + inner.getKey(), inner.getValue())));
    } else if (key.equals(LiteLlmCells.RANGES) && value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        flattenRange(provider, key + "[" + i + "].", value.get(i), cells);
      }
    } else {
      cells.add(Stated.plain(key, value));
    }
  }

  private static void flattenRange(
      String provider, String path, JsonNode range, List<Stated> cells) {
    boolean byResults = range.has(RESULTS_RANGE);
    JsonNode begins = range.path(byResults ? RESULTS_RANGE : TOKEN_RANGE).path(0);
    for (Map.Entry<String, JsonNode> inner : range.properties()) {
      if (LiteLlmCells.concernsPrice(inner.getKey())) {
        cells.add(
            new Stated(
                path + inner.getKey(),
                inner.getKey(),
                inner.getValue(),
                byResults ? LiteLlmCells.RESULTS : "",
                begins.isNumber() ? from(provider, byResults, begins.longValue()) : -1));
      }
    }
  }

  /** Ranges of results begin with a number of results; ranges of tokens behind the one before. */
  private static long from(String provider, boolean byResults, long begins) {
    if (byResults) {
      return begins <= 1 ? 0 : begins;
    }
    return begins == 0 ? 0 : BandEdges.from(provider, begins);
  }

  /**
   * A cell of the list.
   *
   * @param key path of the cell in the model
   * @param name key by which its meaning is known
   * @param bandUnit what the range that it stands in counts; empty for all input tokens
   * @param bandFrom least quantity of the range; 0 for none, negative if the range is broken
   */
  private record Stated(String key, String name, JsonNode value, String bandUnit, long bandFrom) {

    static Stated plain(String key, JsonNode value) {
      return new Stated(key, key, value, "", 0);
    }
  }
}
