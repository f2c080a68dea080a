package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * Reads the catalogue of models.dev ({@code api.json}; MIT): providers, their models, and under
 * {@code cost} prices per million tokens. Numbers are taken from the JSON text, exactly ({@link
 * Gathered} has the rules).
 *
 * <ul>
 *   <li>{@code tiers} of type {@code context}, or in their absence {@code context_over_200k}, are
 *       bands of the whole request by all its input tokens; {@link BandEdges} says on which side
 *       the edge itself falls.
 *   <li>A model all of whose prices are 0 may be free or part of a subscription: skipped, unless
 *       its name ends in {@code :free}. A single 0 beside other prices is taken as free.
 * </ul>
 */
public final class ModelsDevImporter {

  static final String ZERO_UNKNOWN = "zero in the source is not known to be free";
  static final String NO_NUMBER = "not a number";
  static final String UNKNOWN_KEY = "the key is not known to this importer";
  static final String UNKNOWN_TIER = "a tier by something else than the context's size";
  static final String OLDER_FORM = "the older form of tiers, which the model has, too";

  private static final String SOURCE = "models.dev";
  private static final String TIERS = "tiers";
  private static final String OVER_200K = "context_over_200k";
  private static final long OVER = 200_000;
  private static final int MILLION = 6;

  private static final Map<String, String> UNITS =
      Map.of(
          "input", "input_tokens",
          "output", "output_tokens",
          "reasoning", "reasoning_tokens",
          "cache_read", "cache_read_tokens",
          "cache_write", "cache_write_5m_tokens",
          "input_audio", "audio_input_tokens",
          "output_audio", "audio_output_tokens");

  private final Gathered gathered;
  private final Instant validFrom;

  private ModelsDevImporter(LocalDate sourceDate, Instant validFrom) {
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
    return new ModelsDevImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(file, JsonNodeType.OBJECT, "providers"));
  }

  /**
   * The prices of a stream, plain or gzip; the caller closes it.
   *
   * @see #read(Path, LocalDate, Instant)
   */
  public static ImportResult read(InputStream in, LocalDate sourceDate, Instant validFrom)
      throws IOException {
    return new ModelsDevImporter(sourceDate, validFrom)
        .readAll(PriceListJson.read(in, JsonNodeType.OBJECT, "providers"));
  }

  private ImportResult readAll(JsonNode list) {
    for (Map.Entry<String, JsonNode> provider : list.properties()) {
      String name = ProviderNames.canonical(provider.getKey());
      provider
          .getValue()
          .path("models")
          .properties()
          .forEach(model -> readModel(name, model.getKey(), model.getValue().path("cost")));
    }
    return gathered.result();
  }

  private void readModel(String provider, String model, JsonNode cost) {
    boolean free = model.endsWith(":free") || hasPrice(cost);
    readRates(provider, model, "cost", cost, 0, free);
    for (int i = 0; i < cost.path(TIERS).size(); i++) {
      JsonNode tier = cost.get(TIERS).get(i);
      String key = "cost.tiers[" + i + "]";
      JsonNode size = tier.path("tier").path("size");
      if (tier.path("tier").path("type").asText().equals("context") && size.isIntegralNumber()) {
        readRates(provider, model, key, tier, BandEdges.from(provider, size.longValue()), free);
      } else {
        gathered.skip(model, key, UNKNOWN_TIER);
      }
    }
    if (cost.has(OVER_200K)) {
      if (cost.has(TIERS)) {
        gathered.skip(model, "cost." + OVER_200K, OLDER_FORM);
      } else {
        long from = BandEdges.from(provider, OVER);
        readRates(provider, model, "cost." + OVER_200K, cost.get(OVER_200K), from, free);
      }
    }
  }

  private void readRates(
      String provider, String model, String path, JsonNode rates, long bandFrom, boolean free) {
    for (Map.Entry<String, JsonNode> rate : rates.properties()) {
      String name = rate.getKey();
      if (List.of(TIERS, OVER_200K, "tier").contains(name)) {
        continue;
      }
      String key = path + "." + name;
      String unit = UNITS.get(name);
      if (unit == null) {
        gathered.skip(model, key, UNKNOWN_KEY);
      } else if (!rate.getValue().isNumber()) {
        gathered.skip(model, key, NO_NUMBER);
      } else if (!free) {
        gathered.skip(model, key, ZERO_UNKNOWN);
      } else {
        PriceEntry entry = gathered.draft(PriceKind.MODEL, provider, model, List.of());
        entry.setUnit(unit);
        entry.setBandFrom(bandFrom);
        entry.setValidFrom(validFrom);
        gathered.take(model, key, entry, rate.getValue().decimalValue().movePointLeft(MILLION));
      }
    }
  }

  /** Whether any price in the cost is another than 0. */
  private static boolean hasPrice(JsonNode cost) {
    for (Map.Entry<String, JsonNode> rate : cost.properties()) {
      JsonNode value = rate.getValue();
      boolean stated =
          UNITS.containsKey(rate.getKey())
              && value.isNumber()
              && value.decimalValue().signum() != 0;
      if (stated) {
        return true;
      }
    }
    return false;
  }
}
