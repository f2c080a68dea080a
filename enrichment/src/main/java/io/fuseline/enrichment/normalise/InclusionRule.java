package io.fuseline.enrichment.normalise;

import com.fasterxml.jackson.databind.JsonNode;
import io.fuseline.schemas.InputInterpretation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One row of {@code inclusion.json}: how a dialect counts for a provider. Each thing is decided by
 * the first row that matches and says it.
 *
 * @param versionFrom first version of the scope, inclusive; null for any
 * @param versionTo version of the scope from which on it no longer holds; null for none
 * @param input whether the input counter includes cached tokens; null: not said
 * @param reasoningOutside whether reasoning stands beside the output counter; null: not said
 * @param unexplained unit that the rest of the reported total is; null: not said
 */
record InclusionRule(
    Set<String> dialects,
    Set<String> scopes,
    Set<String> providers,
    String versionFrom,
    String versionTo,
    InputInterpretation input,
    Boolean reasoningOutside,
    String unexplained) {

  private static final List<InclusionRule> ALL = all();

  /** What the table says together; its fields are null where it says nothing. */
  static InclusionRule of(String dialect, String scope, String version, String provider) {
    InputInterpretation input = null;
    Boolean reasoning = null;
    String unexplained = null;
    for (InclusionRule rule : ALL) {
      if (rule.matches(dialect, scope, version, provider)) {
        input = input == null ? rule.input : input;
        reasoning = reasoning == null ? rule.reasoningOutside : reasoning;
        unexplained = unexplained == null ? rule.unexplained : unexplained;
      }
    }
    return new InclusionRule(
        Set.of(), Set.of(), Set.of(), null, null, input, reasoning, unexplained);
  }

  private boolean matches(String dialect, String scope, String version, String provider) {
    return (dialects.isEmpty() || dialects.contains(dialect))
        && (scopes.isEmpty() || Dialect.beginsWithAny(scope, scopes))
        && (providers.isEmpty() || provider != null && providers.contains(provider))
        && (versionFrom == null || !version.isEmpty() && compare(version, versionFrom) >= 0)
        && (versionTo == null || !version.isEmpty() && compare(version, versionTo) < 0);
  }

  /** Compares the numbers of two versions, part by part; what follows a number is left aside. */
  static int compare(String a, String b) {
    String[] left = a.split("[.+-]", -1);
    String[] right = b.split("[.+-]", -1);
    for (int i = 0; i < Math.max(left.length, right.length); i++) {
      int order = Long.compare(part(left, i), part(right, i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static long part(String[] parts, int i) {
    long number = 0;
    String part = i < parts.length ? parts[i] : "";
    for (int at = 0; at < part.length() && at < 9 && Character.isDigit(part.charAt(at)); at++) {
      number = number * 10 + Character.digit(part.charAt(at), 10);
    }
    return number;
  }

  private static List<InclusionRule> all() {
    List<InclusionRule> all = new ArrayList<>();
    for (JsonNode row : Tables.load("inclusion.json")) {
      String input = row.path("input").textValue();
      String reasoning = row.path("reasoning").textValue();
      all.add(
          new InclusionRule(
              Tables.texts(row.path("in")),
              Tables.texts(row.path("scopes")),
              Tables.texts(row.path("providers")),
              row.path("version_from").textValue(),
              row.path("version_to").textValue(),
              input == null ? null : InputInterpretation.valueOf(input),
              reasoning == null ? null : reasoning.equals("OUTSIDE"),
              row.path("unexplained").textValue()));
    }
    return List.copyOf(all);
  }
}
