package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Other names a model may stand under in a price list, by the rules of {@code model-names.json}.
 */
final class ModelNames {

  private static final List<Rule> RULES = rules();

  private ModelNames() {}

  /**
   * Names to try, strictest first: the name itself, then as one rule after the other changes it.
   *
   * @param provider canonical name; empty if not known, then the rules of every provider hold
   */
  static List<Candidate> candidates(String provider, String name) {
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(new Candidate(name, null, null, false));
    Set<String> seen = new HashSet<>();
    seen.add(name);
    for (Rule rule : RULES) {
      if (rule.holdsFor(provider)) {
        for (Candidate before : List.copyOf(candidates)) {
          Candidate after = rule.apply(provider, before);
          if (after != null && seen.add(after.name)) {
            candidates.add(after);
          }
        }
      }
    }
    return candidates;
  }

  private static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (JsonNode row : Tables.load("model-names.json")) {
      Set<String> providers = new HashSet<>();
      row.required("providers").forEach(provider -> providers.add(provider.textValue()));
      rules.add(
          new Rule(
              MatchRule.valueOf(row.required("rule").textValue()),
              providers,
              Pattern.compile(row.required("match").textValue()),
              row.required("to").textValue(),
              row.path("region").textValue(),
              row.path("if").asText().equals("PROVIDER_OR_MAKER"),
              row.path("changes_price").asBoolean()));
    }
    return List.copyOf(rules);
  }

  /**
   * A name to try.
   *
   * @param changed last rule that changed it; null for the name as written
   * @param region region that the name told; null if none
   * @param changesPrice whether a rule changed it that may change the price, too
   */
  record Candidate(String name, MatchRule changed, String region, boolean changesPrice) {

    /** How a row was matched that bears the candidate's name, or lists it as an alias. */
    MatchRule rule(MatchRule found) {
      return changed == null ? found : changed;
    }
  }

  /**
   * One line of the table.
   *
   * @param region what the name tells of the region, as a replacement; null for nothing
   * @param ownPrefixOnly whether the first group has to be the provider or the model's maker
   */
  private record Rule(
      MatchRule rule,
      Set<String> providers,
      Pattern match,
      String to,
      String region,
      boolean ownPrefixOnly,
      boolean changesPrice) {

    boolean holdsFor(String provider) {
      return providers.isEmpty() || provider.isEmpty() || providers.contains(provider);
    }

    /** The name after the rule, or null if it does not match. */
    Candidate apply(String provider, Candidate before) {
      Matcher matcher = match.matcher(before.name);
      if (!matcher.matches()) {
        return null;
      }
      if (ownPrefixOnly && !isProviderOrMaker(matcher.group(1), matcher.group(2), provider)) {
        return null;
      }
      return new Candidate(
          matcher.replaceFirst(to),
          rule,
          region == null ? before.region : matcher.replaceFirst(region),
          before.changesPrice || changesPrice);
    }

    private static boolean isProviderOrMaker(String prefix, String rest, String provider) {
      String canonical = ProviderNames.canonical(prefix);
      return canonical.equals(provider) || canonical.equals(ProviderNames.maker(rest));
    }
  }
}
