package io.fuseline.enrichment.normalise;

/** Token counters as dialects report them: they may overlap. */
enum Counter {
  INPUT,
  /** Input tokens that were neither read from a cache nor written to one. */
  UNCACHED_INPUT,
  OUTPUT,
  TOTAL,
  CACHE_READ,
  /** Written to a cache, whatever it lives for. */
  CACHE_WRITE,
  CACHE_WRITE_5M,
  CACHE_WRITE_1H,
  REASONING,
  AUDIO_INPUT,
  IMAGE_INPUT,
  VIDEO_INPUT,
  AUDIO_CACHE_READ,
  AUDIO_OUTPUT,
  IMAGE_OUTPUT,
  VIDEO_OUTPUT,
  /** Input of built-in tools, which Gemini counts beside the prompt. */
  TOOL_PROMPT
}
