package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One name per provider. Spans and price lists spell providers differently; the spelling of
 * OpenTelemetry ({@code gen_ai.provider.name}) is the canonical one. The names are in {@code
 * provider-names.json}.
 */
final class ProviderNames {

  /** Stands for every provider. */
  static final String ANY = "*";

  private static final JsonNode TABLE = Tables.load("provider-names.json");
  private static final Map<String, String> CANONICAL = texts("canonical");
  private static final Map<String, String> CANONICAL_PREFIXES = texts("canonical_prefixes");

  /** Model name prefix to the provider that is its maker, for spans that name no provider. */
  private static final Map<String, String> MAKERS = texts("makers");

  private ProviderNames() {}

  /** The one name of the provider; an empty string for null or blank. */
  static String canonical(String provider) {
    if (provider == null || provider.isBlank()) {
      return "";
    }
    String folded = provider.strip().toLowerCase(Locale.ROOT);
    String byPrefix = byPrefix(CANONICAL_PREFIXES, folded);
    return byPrefix != null ? byPrefix : CANONICAL.getOrDefault(folded, folded);
  }

  /** Provider that makes the model, by its name; null where the name does not tell. */
  static String maker(String model) {
    return byPrefix(MAKERS, model);
  }

  private static String byPrefix(Map<String, String> prefixes, String name) {
    for (Map.Entry<String, String> prefix : prefixes.entrySet()) {
      if (name.startsWith(prefix.getKey())) {
        return prefix.getValue();
      }
    }
    return null;
  }

  private static Map<String, String> texts(String field) {
    Map<String, String> texts = new LinkedHashMap<>();
    TABLE
        .required(field)
        .properties()
        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().textValue()));
    return texts;
  }
}
