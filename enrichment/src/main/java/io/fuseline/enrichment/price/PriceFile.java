package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Our own price file: YAML made for people, prices per million tokens or per call as exact
 * decimals. The format is described in {@code docs/prices.md}.
 *
 * <p>A file is taken as a whole or refused as a whole.
 */
public final class PriceFile {

  private PriceFile() {}

  /**
   * The prices of a file, in its order.
   *
   * @throws PriceFileException with every fault found, if there is any
   * @throws IOException if the file cannot be read as UTF-8 text
   */
  public static List<PriceEntry> read(Path file) throws IOException {
    return parse(Files.readString(file), file.toString());
  }

  /**
   * The prices of a text, in its order.
   *
   * @param name where the text comes from, for messages
   * @throws PriceFileException with every fault found, if there is any
   */
  public static List<PriceEntry> parse(String text, String name) {
    return new PriceFileReader(name).read(text);
  }

  /**
   * The prices as the text of a price file; {@link #parse} gives the same prices back, under the
   * ids that {@link PriceIds} makes.
   */
  public static String format(Collection<PriceEntry> prices) {
    return PriceFileWriter.format(prices);
  }

  /** Writes a price file; an existing one is replaced. */
  public static void write(Path file, Collection<PriceEntry> prices) throws IOException {
    Files.writeString(file, format(prices));
  }
}
