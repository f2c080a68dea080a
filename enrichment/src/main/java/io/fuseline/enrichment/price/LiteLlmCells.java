package io.fuseline.enrichment.price;

import io.fuseline.schemas.PriceBasis;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the price keys of LiteLLM's list mean. */
final class LiteLlmCells {

  static final String VIRTUAL_CURRENCY = "in DBU, a virtual currency; the cell in USD is taken";
  static final String IMAGE_SIZE =
      "holds only above an image size or for a quality, which no usage tells";
  static final String UNKNOWN_KEY = "the key is not known to this importer";

  /** The list's key of an object with multipliers and other particulars. */
  static final String PROVIDER_SPECIFIC = "provider_specific_entry";

  /** The list's key of prices by ranges. */
  static final String RANGES = "tiered_pricing";

  /** Results that a search was asked for; prices of searches depend on it. */
  static final String RESULTS = "results";

  /** Seconds of video between two samples. */
  private static final String VIDEO_INTERVAL = "video_interval_seconds";

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
          Map.entry("cache_read_input_token_cost_per_audio_token", "audio_cache_read_tokens"),
          Map.entry("cache_creation_input_audio_token_cost", "audio_cache_write_5m_tokens"),
          Map.entry("input_cost_per_image_token", "image_input_tokens"),
          Map.entry("output_cost_per_image_token", "image_output_tokens"),
          Map.entry("cache_read_input_image_token_cost", "image_cache_read_tokens"),
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
          Map.entry("output_cost_per_second_1080p", "output_seconds_1080p"),
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
      Map.of(
          "batches", "batch",
          "batch_requests", "batch",
          "flex", "flex",
          "priority", "priority");

  /** A price key, the band it holds above, and the tier. */
  private static final Pattern PRICE =
      Pattern.compile(
          "(.+?)(?:_above_(\\d+)(k_tokens|s_interval))?(?:_(batches|batch_requests|flex|priority))?");

  private static final Pattern REGIONAL =
      Pattern.compile("regional_processing_uplift_multiplier_([a-z]{2,})");

  private static final Pattern BY_SIZE =
      Pattern.compile("output_cost_per_image_(above_.*_pixels.*|premium_image)");

  /** Keys in {@link #PROVIDER_SPECIFIC} that are speeds; those of two letters are regions. */
  private static final Map<String, String> SPEEDS = Map.of("fast", "fast");

  private static final long THOUSAND = 1000;

  private LiteLlmCells() {}

  /**
   * Whether the key has to do with the price; every such key is either imported or listed as
   * skipped.
   */
  static boolean concernsPrice(String key) {
    return key.contains("cost")
        || key.equals(RANGES)
        || key.equals(PROVIDER_SPECIFIC)
        || key.contains("multiplier");
  }

  /**
   * What the key means.
   *
   * @param key key of the cell, nested keys joined by a dot
   */
  static Cell meaning(String key) {
    Matcher price = PRICE.matcher(key);
    String unit = price.matches() ? UNITS.get(price.group(1)) : null;
    if (unit != null) {
      String tier = price.group(4) == null ? Tiers.STANDARD : TIERS.get(price.group(4));
      if (price.group(2) == null) {
        return Cell.price(unit, tier, "", 0);
      }
      long threshold = Long.parseLong(price.group(2));
      return price.group(3).equals("k_tokens")
          ? Cell.price(unit, tier, "", Math.multiplyExact(threshold, THOUSAND))
          : Cell.price(unit, tier, VIDEO_INTERVAL, threshold);
    }
    Matcher regional = REGIONAL.matcher(key);
    if (regional.matches()) {
      return Cell.factor(Tiers.STANDARD, regional.group(1));
    }
    if (key.startsWith(PROVIDER_SPECIFIC + ".")) {
      String name = key.substring(PROVIDER_SPECIFIC.length() + 1);
      if (SPEEDS.containsKey(name)) {
        return Cell.factor(SPEEDS.get(name), null);
      }
      return name.length() == 2 ? Cell.factor(Tiers.STANDARD, name) : Cell.skipped(UNKNOWN_KEY);
    }
    if (key.contains("_dbu_cost_") || key.contains("_db_cost_")) {
      return Cell.skipped(VIRTUAL_CURRENCY);
    }
    return Cell.skipped(BY_SIZE.matcher(key).matches() ? IMAGE_SIZE : UNKNOWN_KEY);
  }

  /**
   * Meaning of a key.
   *
   * @param basis a price of one unit, or a factor on all token prices
   * @param unit null if the key is skipped
   * @param tier null if the key is skipped
   * @param region region the factor holds for; null for all
   * @param bandUnit what the threshold counts; empty for all input tokens
   * @param threshold the price holds above so much; 0 for no band
   * @param skipped reason why it is skipped; null if it is not
   */
  record Cell(
      PriceBasis basis,
      String unit,
      String tier,
      String region,
      String bandUnit,
      long threshold,
      String skipped) {

    private static Cell price(String unit, String tier, String bandUnit, long threshold) {
      return new Cell(PriceBasis.PER_UNIT, unit, tier, null, bandUnit, threshold, null);
    }

    private static Cell factor(String tier, String region) {
      return new Cell(PriceBasis.MULTIPLIER, Units.EVERY_TOKEN, tier, region, "", 0, null);
    }

    private static Cell skipped(String reason) {
      return new Cell(null, null, null, null, "", 0, reason);
    }
  }
}
