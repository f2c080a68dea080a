package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who served a request, and where, by the table {@code places.json}: from the provider's name as
 * dialects write it, the form of the model's name, the scope and the host.
 *
 * @param provider under its OpenTelemetry name; null if not told
 * @param region null if not told
 */
record Places(String provider, String region) {

  private static final JsonNode TABLE = Tables.load("places.json");
  private static final Set<String> FRAMEWORKS = Tables.texts(TABLE.required("frameworks"));
  private static final Map<String, String> PROVIDERS = texts("providers");
  private static final Map<String, String> PROVIDER_PREFIXES = texts("provider_prefixes");
  private static final Map<String, String> SCOPES = texts("scopes");
  private static final Map<String, String> DIALECTS = texts("dialects");
  private static final List<Rule> MODELS = rules("models");
  private static final List<Rule> HOSTS = rules("hosts");
  private static final Set<String> OWN_REGION =
      Tables.texts(TABLE.required("own_region_providers"));
  private static final Map<String, String> TIERS = texts("tiers");
  private static final Set<String> INSTANCE_IDS = Tables.texts(TABLE.required("instance_ids"));
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** Whether the text may name a provider: a framework is none. */
  static boolean isProvider(String text) {
    return text != null && !FRAMEWORKS.contains(text.toLowerCase(Locale.ROOT));
  }

  /** The tier as prices know it. */
  static String tier(String reported) {
    return reported == null ? null : TIERS.getOrDefault(reported, reported);
  }

  /** Whether the id or name of an agent stands for one object in memory, in spans of that scope. */
  static boolean isInstanceId(String scopeName, String id) {
    return id != null
        && Dialect.beginsWithAny(scopeName, INSTANCE_IDS)
        && UUID.matcher(id).matches();
  }

  static Places of(String dialect, String scopeName, Reading span, Reading resource) {
    String provider = canonical(span.text(Field.PROVIDER));
    String region = span.text(Field.REGION);
    String model = span.text(Field.REQUEST_MODEL);
    Found byModel = find(MODELS, model == null ? span.text(Field.RESPONSE_MODEL) : model);
    if (byModel == null) {
      byModel = find(MODELS, span.text(Field.RESPONSE_MODEL));
    }
    provider = corrected(provider, byModel);
    region = region == null && byModel != null ? byModel.region : region;
    Found byHost = find(HOSTS, host(span.text(Field.SERVER_ADDRESS)));
    provider = corrected(provider, byHost);
    if (region == null && byHost != null && byHost.provider.equals(provider)) {
      region = byHost.region;
    }
    if (provider == null) {
      provider = byBeginning(SCOPES, scopeName);
    }
    if (provider == null) {
      provider = DIALECTS.get(dialect);
    }
    if (region == null && provider != null && OWN_REGION.contains(provider)) {
      region = resource.text(Field.REGION);
    }
    return new Places(provider, region);
  }

  private static String corrected(String provider, Found found) {
    boolean counts = found != null && (provider == null || found.insteadOf.contains(provider));
    return counts ? found.provider : provider;
  }

  private static String canonical(String provider) {
    if (provider == null) {
      return null;
    }
    String folded = provider.toLowerCase(Locale.ROOT);
    String known = PROVIDERS.get(folded);
    if (known == null) {
      known = byBeginning(PROVIDER_PREFIXES, folded);
    }
    return known == null ? folded : known;
  }

  private static String byBeginning(Map<String, String> table, String text) {
    for (Map.Entry<String, String> row : table.entrySet()) {
      if (text.startsWith(row.getKey())) {
        return row.getValue();
      }
    }
    return null;
  }

  /** The host of an address that may be a whole URL. */
  private static String host(String address) {
    if (address == null) {
      return null;
    }
    int scheme = address.indexOf("://");
    int begin = scheme < 0 ? 0 : scheme + 3;
    int end = begin;
    while (end < address.length() && "/:?#".indexOf(address.charAt(end)) < 0) {
      end++;
    }
    return address.substring(begin, end).toLowerCase(Locale.ROOT);
  }

  private static Found find(List<Rule> rules, String text) {
    if (text == null) {
      return null;
    }
    for (Rule rule : rules) {
      Matcher matcher = rule.match.matcher(text);
      if (matcher.find()) {
        String region = "$1".equals(rule.region) ? matcher.group(1) : rule.region;
        return new Found(rule.provider, blankToNull(region), rule.insteadOf);
      }
    }
    return null;
  }

  private static String blankToNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static Map<String, String> texts(String field) {
    Map<String, String> texts = new LinkedHashMap<>();
    TABLE
        .required(field)
        .properties()
        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().textValue()));
    return texts;
  }

  private static List<Rule> rules(String field) {
    List<Rule> rules = new ArrayList<>();
    for (JsonNode row : TABLE.required(field)) {
      rules.add(
          new Rule(
              Pattern.compile(row.required("match").textValue()),
              row.required("provider").textValue(),
              row.path("region").textValue(),
              Tables.texts(row.path("instead_of"))));
    }
    return List.copyOf(rules);
  }

  /**
   * One row of a table.
   *
   * @param region the region, {@code $1} for the pattern's first group, or null
   * @param insteadOf providers that the span may name though this one served the request
   */
  private record Rule(Pattern match, String provider, String region, Set<String> insteadOf) {}

  private record Found(String provider, String region, Set<String> insteadOf) {}
}
