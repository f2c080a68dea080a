package io.fuseline.enrichment.price;

import java.util.Locale;
import java.util.Map;

/**
 * One name per provider. Spans and price lists spell providers differently; the spelling of
 * OpenTelemetry ({@code gen_ai.provider.name}) is the canonical one.
 */
final class ProviderNames {

  /** Stands for every provider. */
  static final String ANY = "*";

  private static final Map<String, String> CANONICAL =
      Map.ofEntries(
          Map.entry("claude", "anthropic"),
          Map.entry("bedrock", "aws.bedrock"),
          Map.entry("bedrock_converse", "aws.bedrock"),
          Map.entry("aws_bedrock", "aws.bedrock"),
          Map.entry("amazon-bedrock", "aws.bedrock"),
          Map.entry("amazon_bedrock", "aws.bedrock"),
          Map.entry("azure", "azure.ai.openai"),
          Map.entry("azure_openai", "azure.ai.openai"),
          Map.entry("az.ai.openai", "azure.ai.openai"),
          Map.entry("azure_ai", "azure.ai.inference"),
          Map.entry("az.ai.inference", "azure.ai.inference"),
          Map.entry("gemini", "gcp.gemini"),
          Map.entry("google", "gcp.gemini"),
          Map.entry("google_genai", "gcp.gemini"),
          Map.entry("gcp.gen_ai", "gcp.gemini"),
          Map.entry("vertex_ai", "gcp.vertex_ai"),
          Map.entry("vertexai", "gcp.vertex_ai"),
          Map.entry("google_vertexai", "gcp.vertex_ai"),
          Map.entry("mistral", "mistral_ai"),
          Map.entry("mistralai", "mistral_ai"),
          Map.entry("xai", "x_ai"),
          Map.entry("x-ai", "x_ai"),
          Map.entry("watsonx", "ibm.watsonx.ai"),
          Map.entry("cohere_chat", "cohere"),
          Map.entry("text-completion-openai", "openai"),
          Map.entry("fireworks_ai-embedding-models", "fireworks_ai"));

  /** Model name prefix to the provider that is its maker, for spans that name no provider. */
  private static final Map<String, String> MAKERS =
      Map.ofEntries(
          Map.entry("claude-", "anthropic"),
          Map.entry("gpt-", "openai"),
          Map.entry("chatgpt-", "openai"),
          Map.entry("o1", "openai"),
          Map.entry("o3", "openai"),
          Map.entry("o4", "openai"),
          Map.entry("text-embedding-3-", "openai"),
          Map.entry("text-embedding-ada-", "openai"),
          Map.entry("gemini-", "gcp.gemini"),
          Map.entry("mistral-", "mistral_ai"),
          Map.entry("magistral-", "mistral_ai"),
          Map.entry("ministral-", "mistral_ai"),
          Map.entry("codestral-", "mistral_ai"),
          Map.entry("devstral-", "mistral_ai"),
          Map.entry("grok-", "x_ai"),
          Map.entry("deepseek-", "deepseek"),
          Map.entry("command-", "cohere"),
          Map.entry("sonar", "perplexity"),
          Map.entry("kimi-", "moonshot"),
          Map.entry("voyage-", "voyage"));

  private ProviderNames() {}

  /** The one name of the provider; an empty string for null or blank. */
  static String canonical(String provider) {
    if (provider == null || provider.isBlank()) {
      return "";
    }
    String folded = provider.strip().toLowerCase(Locale.ROOT);
    if (folded.startsWith("vertex_ai-")) {
      return "gcp.vertex_ai";
    }
    return CANONICAL.getOrDefault(folded, folded);
  }

  /** Provider that makes the model, by its name; null where the name does not tell. */
  static String maker(String model) {
    for (Map.Entry<String, String> maker : MAKERS.entrySet()) {
      if (model.startsWith(maker.getKey())) {
        return maker.getValue();
      }
    }
    return null;
  }
}
