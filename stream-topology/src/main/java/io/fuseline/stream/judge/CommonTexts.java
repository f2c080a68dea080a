package io.fuseline.stream.judge;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts that stand in many span records and therefore take one byte there. Part of the state
 * format: a text is only ever added at the end, up to {@link #COUNT}.
 */
final class CommonTexts {
  /** Places kept for common texts; a text that is a value's own has a number from here on. */
  static final int COUNT = 96;

  private static final List<String> TEXTS =
      List.of(
          "",
          "LLM",
          "EMBEDDING",
          "TOOL",
          "RETRIEVAL",
          "RERANK",
          "AGENT",
          "WORKFLOW",
          "HUMAN",
          "OTHER",
          "input_tokens",
          "output_tokens",
          "reasoning_tokens",
          "cache_read_tokens",
          "cache_write_5m_tokens",
          "cache_write_1h_tokens",
          "input_audio_tokens",
          "output_audio_tokens",
          "input_image_tokens",
          "output_image_tokens",
          "calls",
          "requests",
          "images",
          "seconds",
          "characters",
          "pages",
          "web_searches",
          "default",
          "(unattributed)",
          "(unknown)",
          "standard",
          "batch",
          "flex",
          "priority",
          "production",
          "openai",
          "anthropic",
          "aws.bedrock",
          "azure.ai.openai",
          "gcp.vertex_ai",
          "gcp.gemini",
          "mistral_ai",
          "cohere",
          "x_ai",
          "deepseek",
          "groq",
          "perplexity",
          "local");

  private static final Map<String, Integer> INDEX = new HashMap<>();

  static {
    for (String text : TEXTS) {
      INDEX.put(text, INDEX.size());
    }
  }

  private CommonTexts() {}

  static String at(int index) {
    return TEXTS.get(index);
  }

  /** Place of the text; -1 when it is not a common one. */
  static int indexOf(String text) {
    return INDEX.getOrDefault(text, -1);
  }
}
