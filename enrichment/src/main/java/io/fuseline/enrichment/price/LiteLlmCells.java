package io.fuseline.enrichment.price;

import java.util.Map;
import java.util.regex.Pattern;

/** What the price keys of LiteLLM's list mean. */
final class LiteLlmCells {

  static final String CONTEXT_LENGTH =
      "holds only above a context length; the price book has no such condition";
  static final String OTHER_CONDITION =
      "holds only above a duration or resolution; the price book has no such condition";
  static final String RANGES =
      "a list of prices by ranges of context length or results; the price book has no such condition";
  static final String VIRTUAL_CURRENCY = "in DBU, a virtual currency; the cell in USD is taken";
  static final String MULTIPLIER = "a multiplier by speed or region, not a price";
  static final String UNKNOWN_KEY = "the key is not known to this importer";

  /** The list's key of an object with multipliers and other particulars. */
  static final String PROVIDER_SPECIFIC = "provider_specific_entry";

  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("input_cost_per_token", "input_tokens"),
          Map.entry("output_cost_per_token", "output_tokens"),
          Map.entry("output_cost_per_reasoning_token", "reasoning_tokens"),
          Map.entry("cache_read_input_token_cost", "cache_read_tokens"),
          Map.entry("input_cost_per_token_cache_hit", "cache_read_tokens"),
          Map.entry("cache_creation_input_token_cost", "cache_write_5m_tokens"),
          Map.entry("cache_creation_input_token_cost_above_1hr", "cache_write_1h_tokens"),
          Map.entry("input_cost_per_audio_token", "audio_input_tokens"),
          Map.entry("output_cost_per_audio_token", "audio_output_tokens"),
          Map.entry("cache_read_input_audio_token_cost", "audio_cache_read_tokens"),
          Map.entry("cache_creation_input_audio_token_cost", "audio_cache_write_5m_tokens"),
          Map.entry("input_cost_per_image_token", "image_input_tokens"),
          Map.entry("output_cost_per_image_token", "image_output_tokens"),
          Map.entry("output_cost_per_video_token", "video_output_tokens"),
          Map.entry("citation_cost_per_token", "citation_tokens"),
          Map.entry("input_cost_per_character", "input_characters"),
          Map.entry("output_cost_per_character", "output_characters"),
          Map.entry("input_cost_per_image", "input_images"),
          Map.entry("output_cost_per_image", "output_images"),
          Map.entry("input_cost_per_pixel", "input_pixels"),
          Map.entry("output_cost_per_pixel", "output_pixels"),
          Map.entry("input_cost_per_second", "input_seconds"),
          Map.entry("output_cost_per_second", "output_seconds"),
          Map.entry("input_cost_per_audio_per_second", "audio_input_seconds"),
          Map.entry("input_cost_per_video_per_second", "video_input_seconds"),
          Map.entry("output_cost_per_video_per_second", "video_output_seconds"),
          Map.entry("input_cost_per_query", "queries"),
          Map.entry("input_cost_per_request", "requests"),
          Map.entry("ocr_cost_per_page", "pages"),
          Map.entry("annotation_cost_per_page", "annotated_pages"),
          Map.entry("ocr_cost_per_credit", "credits"),
          Map.entry("code_interpreter_cost_per_session", "code_interpreter_sessions"),
          Map.entry("search_context_cost_per_query.search_context_size_low", "web_searches_low"),
          Map.entry(
              "search_context_cost_per_query.search_context_size_medium", "web_searches_medium"),
          Map.entry("search_context_cost_per_query.search_context_size_high", "web_searches_high"));

  private static final Map<String, String> TIERS =
      Map.of("_batches", "batch", "_flex", "flex", "_priority", "priority");

  private static final Pattern ABOVE_TOKENS = Pattern.compile(".*_above_\\d+k_tokens.*");
  private static final Pattern ABOVE_OTHER = Pattern.compile(".*(_above_\\d+s_interval|_\\d+p)$");

  private LiteLlmCells() {}

  /**
   * Whether the key has to do with the price; every such key is either imported or listed as
   * skipped.
   */
  static boolean concernsPrice(String key) {
    return key.contains("cost")
        || key.equals("tiered_pricing")
        || key.equals(PROVIDER_SPECIFIC)
        || key.contains("multiplier");
  }

  /**
   * What the key means.
   *
   * @param key key of the cell, nested keys joined by a dot
   */
  static Cell meaning(String key) {
    String unit = UNITS.get(key);
    if (unit != null) {
      return new Cell(unit, Tiers.STANDARD, null);
    }
    for (Map.Entry<String, String> tier : TIERS.entrySet()) {
      if (key.endsWith(tier.getKey())) {
        unit = UNITS.get(key.substring(0, key.length() - tier.getKey().length()));
        if (unit != null) {
          return new Cell(unit, tier.getValue(), null);
        }
      }
    }
    return new Cell(null, null, whySkipped(key));
  }

  private static String whySkipped(String key) {
    if (ABOVE_TOKENS.matcher(key).matches()) {
      return CONTEXT_LENGTH;
    }
    if (ABOVE_OTHER.matcher(key).matches()) {
      return OTHER_CONDITION;
    }
    if (key.startsWith("tiered_pricing")) {
      return RANGES;
    }
    if (key.contains("_dbu_cost_")) {
      return VIRTUAL_CURRENCY;
    }
    if (key.contains("multiplier") || key.startsWith(PROVIDER_SPECIFIC)) {
      return MULTIPLIER;
    }
    return UNKNOWN_KEY;
  }

  /**
   * Meaning of a key.
   *
   * @param unit null if the key is skipped
   * @param tier null if the key is skipped
   * @param skipped reason why it is skipped; null if it is not
   */
  record Cell(String unit, String tier, String skipped) {}
}
