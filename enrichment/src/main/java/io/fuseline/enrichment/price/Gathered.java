package io.fuseline.enrichment.price;

import io.fuseline.enrichment.price.ImportResult.Rounded;
import io.fuseline.enrichment.price.ImportResult.Skipped;
import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an importer takes from a list and what it leaves, with the rules that hold for every list:
 *
 * <ul>
 *   <li>A price with more than 12 decimals that is within one part in 10<sup>12</sup> of one with
 *       12 has the noise of a floating-point computation: it is rounded half-even, and listed.
 *   <li>A price that is finer than that is kept exact, in {@code NANO_USD} or {@code PICO_USD}: a
 *       billionth, or a million-millionth, of a US dollar, which the entries then define.
 *   <li>What names the same price a second time is left out.
 * </ul>
 */
final class Gathered {

  static final String TOO_FINE = "needs more than 24 decimals";
  static final String FAULTY = "refused by the price check";
  static final String SAME_UNIT = "repeats the price of another key for the same unit";
  static final String CONTRADICTION = "contradicts the price of another key for the same unit";

  /** Parts of a US dollar for prices finer than a pico-dollar, by their decimals. */
  private static final SortedMap<Integer, String> PARTS =
      new TreeMap<>(Map.of(9, "NANO_USD", 12, "PICO_USD"));

  private static final BigDecimal NOISE = new BigDecimal("1E-12");
  private static final BigDecimal MAX_PRICE = Pico.toDecimal(PriceBook.MAX_PRICE_PICO);
  private static final Instant ALWAYS = Instant.parse("2000-01-01T00:00:00Z");

  private final String source;
  private final String sourceDate;
  private final Map<String, PriceEntry> entries = new LinkedHashMap<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final List<Rounded> rounded = new ArrayList<>();

  /**
   * @param list name of the list
   * @param sourceDate day it is of
   */
  Gathered(String list, LocalDate sourceDate) {
    this.source = list + ", " + sourceDate;
    this.sourceDate = sourceDate.toString();
  }

  /** An entry for a price in USD of that list, without conditions, to be filled in. */
  PriceEntry draft(PriceKind kind, String provider, String sku, List<String> aliases) {
    PriceEntry entry = PriceEntries.blank();
    entry.setKind(kind);
    entry.setProvider(provider);
    entry.setSku(sku);
    entry.setAliases(aliases);
    entry.setCurrency("USD");
    entry.setSource(source);
    entry.setSourceDate(sourceDate);
    return entry;
  }

  void skip(String model, String key, String reason) {
    skipped.add(new Skipped(model, key, reason));
  }

  /**
   * Takes a cell of the list, or leaves it out with a reason.
   *
   * @param entry complete but for price and id
   * @param exact price of one unit, or factor
   * @return whether it was taken
   */
  boolean take(String model, String key, PriceEntry entry, BigDecimal exact) {
    BigDecimal price = withoutNoise(exact);
    boolean noisy = price != null && price.compareTo(exact) != 0;
    if (price == null && entry.getBasis() == PriceBasis.PER_UNIT) {
      price = inParts(entry, exact);
    }
    if (price == null) {
      skip(model, key, TOO_FINE);
      return false;
    }
    entry.setPrice(price);
    entry.setPriceId(PriceIds.of(entry));
    PriceEntry other = entries.get(entry.getPriceId());
    if (other != null) {
      boolean same =
          other.getPrice().equals(price) && other.getCurrency().equals(entry.getCurrency());
      skip(model, key, same ? SAME_UNIT : CONTRADICTION);
      return false;
    }
    if (!PriceFaults.of(entry).isEmpty()) {
      skip(model, key, FAULTY);
      return false;
    }
    if (noisy) {
      rounded.add(new Rounded(model, key, exact, price));
    }
    entries.put(entry.getPriceId(), entry);
    return true;
  }

  /** Adds a price that follows from the list though no cell states it, unless there is one. */
  void imply(PriceEntry entry, BigDecimal price) {
    entry.setPrice(price);
    entry.setPriceId(PriceIds.of(entry));
    entries.putIfAbsent(entry.getPriceId(), entry);
  }

  ImportResult result() {
    PARTS.forEach(
        (decimals, part) -> {
          if (entries.values().stream().anyMatch(entry -> entry.getCurrency().equals(part))) {
            PriceEntry worth = draft(PriceKind.CURRENCY, ProviderNames.ANY, part, List.of());
            worth.setUnit(Units.EVERY);
            worth.setValidFrom(ALWAYS);
            imply(worth, BigDecimal.ONE.movePointLeft(decimals).setScale(Pico.SCALE));
          }
        });
    return new ImportResult(List.copyOf(entries.values()), skipped, rounded);
  }

  /** The price at 12 decimals; null if that is not the price any more. */
  private static BigDecimal withoutNoise(BigDecimal exact) {
    BigDecimal price = exact.setScale(Pico.SCALE, RoundingMode.HALF_EVEN);
    BigDecimal change = price.subtract(exact).abs();
    boolean same =
        change.signum() == 0
            || change.divide(exact.abs(), MathContext.DECIMAL64).compareTo(NOISE) < 0;
    return same ? price : null;
  }

  /** The price in the largest part of a dollar that holds it; null if it is finer than all. */
  private static BigDecimal inParts(PriceEntry entry, BigDecimal exact) {
    for (Map.Entry<Integer, String> part : PARTS.entrySet()) {
      BigDecimal price = exact.movePointRight(part.getKey()).stripTrailingZeros();
      if (price.scale() <= Pico.SCALE && price.compareTo(MAX_PRICE) <= 0) {
        entry.setCurrency(part.getValue());
        return price.setScale(Pico.SCALE);
      }
    }
    return null;
  }
}
