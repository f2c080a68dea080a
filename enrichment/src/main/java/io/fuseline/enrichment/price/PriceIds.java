package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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

  /**
   * The id of an entry by all its conditions: the plain id, and behind it, where the entry has any,
   * {@code /basis,from=band,of=band unit,daily=from-to,tenant=id}.
   */
  public static String of(PriceEntry entry) {
    String plain =
        of(
            entry.getKind(),
            entry.getProvider(),
            entry.getSku(),
            entry.getUnit(),
            entry.getServiceTier(),
            entry.getRegion(),
            entry.getValidFrom());
    List<String> conditions = new ArrayList<>();
    if (entry.getBasis() != null && entry.getBasis() != PriceBasis.PER_UNIT) {
      conditions.add(entry.getBasis().name());
    }
    if (entry.getBandFrom() != 0) {
      conditions.add("from=" + entry.getBandFrom());
    }
    if (entry.getBandUnit() != null && !entry.getBandUnit().isEmpty()) {
      conditions.add("of=" + escaped(entry.getBandUnit()));
    }
    if (entry.getDailyFromMinute() != null || entry.getDailyToMinute() != null) {
      conditions.add("daily=" + entry.getDailyFromMinute() + "-" + entry.getDailyToMinute());
    }
    if (entry.getTenantId() != null) {
      conditions.add("tenant=" + escaped(entry.getTenantId()));
    }
    return conditions.isEmpty() ? plain : plain + "/" + String.join(",", conditions);
  }

  /** Without the characters that part an id. */
  private static String escaped(String text) {
    return text.replace("%", "%25").replace("/", "%2F").replace(",", "%2C").replace("=", "%3D");
  }
}
