package io.fuseline.enrichment.price;

import java.util.Locale;

/** Names of service tiers, one spelling each. */
final class Tiers {

  static final String STANDARD = "standard";

  /** Served from capacity that was paid for beforehand. */
  static final String PROVISIONED = "provisioned";

  private Tiers() {}

  /** The tier's name in the book; null, empty, default, auto and on_demand mean standard. */
  static String canonical(String tier) {
    if (tier == null) {
      return STANDARD;
    }
    String known = known(tier);
    if (known != null) {
      return known;
    }
    String folded = tier.strip().toLowerCase(Locale.ROOT);
    known = known(folded);
    return known != null ? known : folded;
  }

  private static String known(String tier) {
    return switch (tier) {
      case "", "standard", "default", "auto", "on_demand" -> STANDARD;
      case "batch" -> "batch";
      case "flex" -> "flex";
      case "priority" -> "priority";
      case "fast" -> "fast";
      case "provisioned", "provisioned_throughput", "ptu" -> PROVISIONED;
      default -> null;
    };
  }
}
