package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/** Usage units the book treats in a special way; any other unit is priced by its own rows alone. */
final class Units {

  /** One call of a tool. */
  static final String CALLS = "calls";

  /** One second of a person's time. */
  static final String HUMAN_SECONDS = "human_seconds";

  /** Stands for every unit, in multipliers. */
  static final String EVERY = "*";

  /** Stands for every unit that counts tokens, in multipliers. */
  static final String EVERY_TOKEN = "*_tokens";

  private static final Map<String, Fallback> FALLBACKS = fallbacks();

  private Units() {}

  /** The unit whose price {@code unit} may take, by {@code unit-fallbacks.json}; null for none. */
  static Fallback fallback(String unit) {
    return FALLBACKS.get(unit);
  }

  /** Whether a multiplier for {@code pattern} holds for the unit. */
  static boolean matches(String pattern, String unit) {
    return pattern.equals(unit)
        || pattern.equals(EVERY)
        || pattern.equals(EVERY_TOKEN) && countsTokens(unit);
  }

  static boolean countsTokens(String unit) {
    return unit.endsWith("_tokens");
  }

  /** Whether the unit is part of a request's input: text and media, fresh, read or written. */
  static boolean isInput(String unit) {
    return switch (unit) {
      case "input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens" ->
          true;
      case "output_tokens", "reasoning_tokens" -> false;
      default ->
          countsTokens(unit)
              && (unit.contains("input_")
                  || unit.contains("cache_read_")
                  || unit.contains("cache_write_"));
    };
  }

  /** Whether so many are used at once that people read its price per million. */
  static boolean isFine(String unit) {
    return countsTokens(unit) || unit.endsWith("_characters") || unit.endsWith("_pixels");
  }

  private static Map<String, Fallback> fallbacks() {
    Map<String, Fallback> fallbacks = new HashMap<>();
    for (JsonNode row : Tables.load("unit-fallbacks.json")) {
      fallbacks.put(
          row.required("unit").textValue(),
          new Fallback(
              row.required("priced_as").textValue(),
              When.valueOf(row.required("when").textValue()),
              row.required("why").textValue()));
    }
    return Map.copyOf(fallbacks);
  }

  /** When a unit takes another unit's price. */
  enum When {
    /** Within the same tier and band: the other unit's price there before an own one elsewhere. */
    SAME_CONDITIONS,
    /** Only where the sku has no price of its own for the unit at the time, whatever conditions. */
    NO_OWN_PRICE
  }

  /**
   * One line of the table.
   *
   * @param unit unit whose price is taken
   * @param why what providers do, for people
   */
  record Fallback(String unit, When when, String why) {}
}
