package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The price list that comes with Fuseline: models in common use, hosted tools with a public price,
 * and the provider {@code local} for tools that cost nothing per call. Each price carries its
 * source and date; check them against your contract.
 */
public final class DefaultPrices {

  private static final String RESOURCE = "/io/fuseline/prices/default-prices.yaml";

  private DefaultPrices() {}

  /** The prices, in the order of the list, in USD. */
  public static List<PriceEntry> load() {
    try (InputStream in = DefaultPrices.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            RESOURCE + " is missing from the enrichment jar; build it anew");
      }
      return PriceFile.parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8), "default-prices.yaml");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
