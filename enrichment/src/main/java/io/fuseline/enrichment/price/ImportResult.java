package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceEntry;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an importer made of a foreign price list: every price cell of the list is either in {@code
 * entries} or in {@code skipped}.
 *
 * @param entries prices ready for {@link PriceBook#put}
 * @param skipped cells that were left out, each with its reason
 * @param rounded cells with the noise of a floating-point computation, which was taken off: the
 *     price in {@code entries} differs from the list's by less than one part in 10<sup>12</sup>
 */
public record ImportResult(List<PriceEntry> entries, List<Skipped> skipped, List<Rounded> rounded) {

  public ImportResult {
    entries = List.copyOf(entries);
    skipped = List.copyOf(skipped);
    rounded = List.copyOf(rounded);
  }

  /** A list of which everything was taken as it stands. */
  static ImportResult whole(List<PriceEntry> entries) {
    return new ImportResult(entries, List.of(), List.of());
  }

  /** Number of skipped cells by reason, reasons in alphabetical order. */
  public Map<String, Long> skippedByReason() {
    return skipped.stream()
        .collect(Collectors.groupingBy(Skipped::reason, TreeMap::new, Collectors.counting()));
  }

  /**
   * A price cell that was left out.
   *
   * @param model model as the list names it
   * @param key key of the cell; nested keys are joined by a dot
   * @param reason why, one of a fixed set of sentences per importer, so that they can be counted
   */
  public record Skipped(String model, String key, String reason) {}

  /**
   * A price cell whose noise was taken off.
   *
   * @param model model as the list names it
   * @param key key of the cell; nested keys are joined by a dot
   * @param stated price of one unit as the list states it
   * @param taken price of one unit as it was taken
   */
  public record Rounded(String model, String key, BigDecimal stated, BigDecimal taken) {}
}
