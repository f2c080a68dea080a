package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceKind;
import java.time.Instant;

/** Keys of the prices topic. */
public final class PriceIds {

  private PriceIds() {}

  /**
   * {@code kind/provider/sku/unit/tier/valid-from}, with {@code @region} behind the tier where
   * there is one. Only the sku may contain a slash, so two prices have the same id only if all
   * parts are the same.
   *
   * @param tier null or empty for standard
   * @param region null for every region
   */
  public static String of(
      PriceKind kind,
      String provider,
      String sku,
      String unit,
      String tier,
      String region,
      Instant validFrom) {
    String at = region == null || region.isEmpty() ? "" : "@" + region;
    return String.join(
        "/",
        kind.name(),
        provider,
        sku,
        unit,
        Tiers.canonical(tier) + at,
        String.valueOf(validFrom));
  }
}
