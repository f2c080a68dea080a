package io.fuseline.enrichment.price;

import java.util.Map;

/** Usage units the book treats in a special way; any other unit is priced by its own rows alone. */
final class Units {

  /** One call of a tool. */
  static final String CALLS = "calls";

  /**
   * Unit to the unit whose price it takes when it has none. Only where providers bill it so:
   * reasoning is billed as output. A unit that is not listed is UNPRICED rather than priced like a
   * cheaper one.
   */
  private static final Map<String, String> FALLBACK = Map.of("reasoning_tokens", "output_tokens");

  private Units() {}

  /** The unit whose price {@code unit} takes when it has none; null for none. */
  static String fallback(String unit) {
    return FALLBACK.get(unit);
  }

  static boolean countsTokens(String unit) {
    return unit.endsWith("_tokens");
  }

  /** Whether so many are used at once that people read its price per million. */
  static boolean isFine(String unit) {
    return countsTokens(unit) || unit.endsWith("_characters") || unit.endsWith("_pixels");
  }
}
