package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Locale;

/** The forms of price lists that can be imported. */
public enum PriceListFormat {
  /** LiteLLM's model_prices_and_context_window.json. */
  LITELLM(LiteLlmPriceImporter::read),
  /** The data.json of pydantic/genai-prices. */
  GENAI_PRICES(GenaiPricesImporter::read),
  /** The api.json of models.dev. */
  MODELS_DEV(ModelsDevImporter::read),
  /** Our own table. */
  CSV((file, sourceDate, validFrom) -> ImportResult.whole(PriceCsv.read(file, validFrom))),
  /** Our own price file. */
  FILE((file, sourceDate, validFrom) -> ImportResult.whole(PriceFile.read(file))),
  /** The list that comes with Fuseline; no file is read. */
  DEFAULT((file, sourceDate, validFrom) -> ImportResult.whole(DefaultPrices.load()));

  private final Reader reader;

  PriceListFormat(Reader reader) {
    this.reader = reader;
  }

  /**
   * The prices of a list.
   *
   * @param file null for {@link #DEFAULT} alone
   * @param sourceDate day the list is of, where it does not say so itself
   * @param validFrom from when its prices hold, where they do not say so themselves
   * @throws PriceFileException if one of our own files has faults
   * @throws IOException if the file cannot be read, or is of another form; the message says where
   */
  public ImportResult read(Path file, LocalDate sourceDate, Instant validFrom) throws IOException {
    return reader.read(file, sourceDate, validFrom);
  }

  /** Whether it is read from a file. */
  public boolean needsFile() {
    return this != DEFAULT;
  }

  /** What a file's name tells of its form: .csv is CSV, .json is LiteLLM's, all else our own. */
  public static PriceListFormat byEnding(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".json") || name.endsWith(".json.gz")) {
      return LITELLM;
    }
    return name.endsWith(".csv") ? CSV : FILE;
  }

  /** The currency of a book for the prices: the one that most of them are in. */
  public static String currencyOf(Collection<PriceEntry> prices) {
    return PriceFileWriter.mostFrequentCurrency(prices);
  }

  /** As people write it: {@code genai-prices}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @FunctionalInterface
  private interface Reader {
    ImportResult read(Path file, LocalDate sourceDate, Instant validFrom) throws IOException;
  }
}
