package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.util.List;

/**
 * What an importer made of a foreign price list: every price cell of the list is either in {@code
 * entries} or in {@code skipped}.
 *
 * @param entries prices ready for {@link PriceBook#put}
 * @param skipped cells that were left out, each with its reason
 */
public record ImportResult(List<PriceEntry> entries, List<Skipped> skipped) {

  public ImportResult {
    entries = List.copyOf(entries);
    skipped = List.copyOf(skipped);
  }

  /**
   * A price cell that was left out.
   *
   * @param model model as the list names it
   * @param key key of the cell; nested keys are joined by a dot
   * @param reason why, one of a fixed set of sentences per importer, so that they can be counted
   */
  public record Skipped(String model, String key, String reason) {}
}
