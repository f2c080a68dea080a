package io.fuseline.enrichment.price;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fuseline.enrichment.input.Unzipped;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads LiteLLM's model price list ({@code model_prices_and_context_window.json}; BerriAI/litellm,
 * MIT). Numbers are taken from the JSON text, exactly.
 *
 * <p>The list's own habits, and what is made of them:
 *
 * <ul>
 *   <li>A model all of whose prices are 0 is mostly one whose price nobody entered: skipped, unless
 *       its name ends in {@code :free}. A single 0 beside other prices is taken as free.
 *   <li>Some prices carry the noise of a floating-point computation. More than 12 decimals are
 *       rounded half-even if that changes the price by less than one part in 10<sup>9</sup>, else
 *       skipped.
 *   <li>Prices under a condition the price book does not know (context length, duration,
 *       resolution) are skipped.
 * </ul>
 *
 * A model keeps the list's name as its sku; the name without the leading provider segment becomes
 * an alias.
 */
public final class LiteLlmPriceImporter {

  static final String ZERO_UNKNOWN = "zero in the source is not known to be free";
  static final String TOO_FINE = "needs more than 12 decimals";
  static final String NO_NUMBER = "not a number";
  static final String FAULTY = "refused by the price check";
  static final String SAME_UNIT = "repeats the price of another key for the same unit";
  static final String CONTRADICTION = "contradicts the price of another key for the same unit";
  static final String NO_PROVIDER = "the model has no litellm_provider";

  /** The list's key of a template, not a model. */
  private static final String TEMPLATE = "sample_spec";

  private static final String SOURCE = "LiteLLM model price list";
  private static final String SEARCH = "search_context_cost_per_query";
  private static final BigDecimal NOISE = new BigDecimal("1E-9");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private final String sourceDate;
  private final Instant validFrom;
  private final List<PriceEntry> entries = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();

  private LiteLlmPriceImporter(LocalDate sourceDate, Instant validFrom) {
    this.sourceDate = sourceDate.toString();
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
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, sourceDate, validFrom);
    } catch (JsonProcessingException | NotAPriceListException broken) {
      throw new IOException(file + ": " + broken.getMessage(), broken);
    }
  }

  /**
   * The prices of a stream, plain or gzip; the caller closes it.
   *
   * @see #read(Path, LocalDate, Instant)
   */
  public static ImportResult read(InputStream in, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    JsonNode list = JSON.readTree(Unzipped.of(in));
    if (!list.isObject()) {
      throw new NotAPriceListException(
          "expected a JSON object of models, found "
              + (list.isMissingNode() ? "nothing" : list.getNodeType()));
    }
    return new LiteLlmPriceImporter(sourceDate, validFrom).readAll(list);
  }

  private ImportResult readAll(JsonNode list) {
    for (Map.Entry<String, JsonNode> model : list.properties()) {
      if (!model.getKey().equals(TEMPLATE) && model.getValue().isObject()) {
        readModel(model.getKey(), model.getValue());
      }
    }
    return new ImportResult(entries, skipped);
  }

  private void readModel(String model, JsonNode fields) {
    Map<String, JsonNode> cells = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (LiteLlmCells.concernsPrice(field.getKey())) {
        flatten(field.getKey(), field.getValue(), cells);
      }
    }
    String provider = fields.path("litellm_provider").asText("");
    boolean allZero =
        cells.values().stream()
            .noneMatch(cell -> cell.isNumber() && cell.decimalValue().signum() != 0);
    Map<String, BigDecimal> taken = new LinkedHashMap<>();
    cells.forEach(
        (key, value) -> {
          LiteLlmCells.Cell cell = LiteLlmCells.meaning(key);
          if (cell.skipped() != null) {
            skip(model, key, cell.skipped());
          } else if (provider.isEmpty()) {
            skip(model, key, NO_PROVIDER);
          } else if (!value.isNumber()) {
            skip(model, key, NO_NUMBER);
          } else if (allZero && !model.endsWith(":free")) {
            skip(model, key, ZERO_UNKNOWN);
          } else {
            take(model, provider, key, cell, value.decimalValue(), taken);
          }
        });
    addPlainSearchPrice(model, provider, taken);
  }

  private void take(
      String model,
      String provider,
      String key,
      LiteLlmCells.Cell cell,
      BigDecimal exact,
      Map<String, BigDecimal> taken) {
    BigDecimal price = rounded(exact);
    if (price == null) {
      skip(model, key, TOO_FINE);
      return;
    }
    BigDecimal other = taken.get(cell.unit() + cell.tier());
    if (other != null) {
      skip(model, key, other.compareTo(price) == 0 ? SAME_UNIT : CONTRADICTION);
      return;
    }
    PriceEntry entry = entry(model, provider, cell.unit(), cell.tier(), price);
    if (PriceFaults.of(entry).isEmpty()) {
      taken.put(cell.unit() + cell.tier(), price);
      entries.add(entry);
    } else {
      skip(model, key, FAULTY);
    }
  }

  /**
   * Where a web search costs the same for every context size, one counted without its size has that
   * price too.
   */
  private void addPlainSearchPrice(String model, String provider, Map<String, BigDecimal> taken) {
    BigDecimal low = taken.get("web_searches_low" + Tiers.STANDARD);
    BigDecimal medium = taken.get("web_searches_medium" + Tiers.STANDARD);
    BigDecimal high = taken.get("web_searches_high" + Tiers.STANDARD);
    if (low != null && low.equals(medium) && low.equals(high)) {
      entries.add(entry(model, provider, "web_searches", Tiers.STANDARD, low));
    }
  }

  private PriceEntry entry(
      String model, String provider, String unit, String tier, BigDecimal price) {
    String canonical = ProviderNames.canonical(provider);
    PriceEntry entry = PriceEntries.blank();
    entry.setPriceId(PriceIds.of(PriceKind.MODEL, canonical, model, unit, tier, null, validFrom));
    entry.setKind(PriceKind.MODEL);
    entry.setProvider(canonical);
    entry.setSku(model);
    entry.setAliases(aliases(model, canonical));
    entry.setUnit(unit);
    entry.setPrice(price);
    entry.setCurrency("USD");
    entry.setServiceTier(tier);
    entry.setValidFrom(validFrom);
    entry.setSource(SOURCE + ", " + sourceDate);
    entry.setSourceDate(sourceDate);
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

  /** The price at 12 decimals; null if that is not the price any more. */
  private static BigDecimal rounded(BigDecimal exact) {
    BigDecimal rounded = exact.setScale(Pico.SCALE, RoundingMode.HALF_EVEN);
    BigDecimal change = rounded.subtract(exact).abs();
    boolean same =
        change.signum() == 0
            || change.divide(exact.abs(), MathContext.DECIMAL64).compareTo(NOISE) < 0;
    return same ? rounded : null;
  }

  private static void flatten(String key, JsonNode value, Map<String, JsonNode> cells) {
    if (key.equals(LiteLlmCells.PROVIDER_SPECIFIC)) {
      // Multipliers are numbers; texts there have nothing to do with the price.
      value.properties().stream()
          .filter(inner -> inner.getValue().isNumber())
          .forEach(inner -> cells.put(key + "." + inner.getKey(), inner.getValue()));
    } else if (key.equals(SEARCH) && value.isObject()) {
      value.properties().forEach(inner -> cells.put(key + "." + inner.getKey(), inner.getValue()));
    } else {
      cells.put(key, value);
    }
  }

  private void skip(String model, String key, String reason) {
    skipped.add(new Skipped(model, key, reason));
  }

  /** JSON, but no list of models. */
  private static final class NotAPriceListException extends IOException {
    private static final long serialVersionUID = 1L;

    NotAPriceListException(String message) {
      super(message);
    }
  }
}
