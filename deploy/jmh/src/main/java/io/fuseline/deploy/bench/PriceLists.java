package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.enrichment.price.LiteLlmPriceImporter;
import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** The price lists that pricing is measured with. */
final class PriceLists {
  static final String DEFAULT = "default";
  static final String LITELLM = "litellm";

  /** Real data that is not part of the repository: {@code shared/data} beside it. */
  private static final String LITELLM_FILE = "fuseline.litellm.prices";

  private PriceLists() {}

  static Path litellmFile() {
    return Path.of(System.getProperty(LITELLM_FILE, ""));
  }

  static String litellmProperty() {
    return "-D" + LITELLM_FILE + "=" + litellmFile();
  }

  static boolean hasLitellm() {
    return Files.isRegularFile(litellmFile());
  }

  static PriceBook book(String list) throws IOException {
    PriceBook book = new PriceBook("USD");
    load(list).forEach(book::put);
    return book;
  }

  private static List<PriceEntry> load(String list) throws IOException {
    return switch (list) {
      case DEFAULT -> DefaultPrices.load();
      case LITELLM ->
          LiteLlmPriceImporter.read(
                  litellmFile(),
                  LocalDate.parse("2026-08-06"),
                  Instant.parse("2025-01-01T00:00:00Z"))
              .entries();
      default -> throw new IllegalArgumentException("No price list " + list);
    };
  }
}
