package io.fuseline.enrichment.price;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A match rule of genai-prices: what model names it is for. */
final class GenaiMatch {

  private static final String REGEX = "regex";

  private final JsonNode rule;

  GenaiMatch(JsonNode rule) {
    this.rule = rule;
  }

  /** Whether the rule is for the name. A rule of an unknown kind is for none. */
  boolean matches(String name) {
    return matches(rule, name);
  }

  /**
   * What the rule's clauses ask for, as names: a name that begins with {@code claude-opus-4-5} may
   * be just that. Separators at the end are no part of a name.
   */
  List<String> names() {
    List<String> names = new ArrayList<>();
    addClauses(rule, false, names);
    return names.stream().map(GenaiMatch::withoutEnd).filter(name -> !name.isEmpty()).toList();
  }

  /** The regular expressions among the clauses, which are names of nothing. */
  List<String> patterns() {
    List<String> patterns = new ArrayList<>();
    addClauses(rule, true, patterns);
    return patterns;
  }

  private static boolean matches(JsonNode rule, String name) {
    for (Map.Entry<String, JsonNode> clause : rule.properties()) {
      String text = clause.getValue().asText();
      boolean holds =
          switch (clause.getKey()) {
            case "equals" -> name.equals(text);
            case "starts_with" -> name.startsWith(text);
            case "ends_with" -> name.endsWith(text);
            case "contains" -> name.contains(text);
            case REGEX -> finds(text, name);
            case "or" -> any(clause.getValue(), name);
            case "and" -> all(clause.getValue(), name);
            default -> false;
          };
      if (holds) {
        return true;
      }
    }
    return false;
  }

  private static boolean any(JsonNode rules, String name) {
    for (JsonNode rule : rules) {
      if (matches(rule, name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean all(JsonNode rules, String name) {
    for (JsonNode rule : rules) {
      if (!matches(rule, name)) {
        return false;
      }
    }
    return !rules.isEmpty();
  }

  private static boolean finds(String pattern, String name) {
    try {
      return Pattern.compile(pattern).matcher(name).find();
    } catch (PatternSyntaxException foreign) {
      return false;
    }
  }

  private static void addClauses(JsonNode rule, boolean patterns, List<String> found) {
    for (Map.Entry<String, JsonNode> clause : rule.properties()) {
      if (clause.getValue().isArray()) {
        clause.getValue().forEach(inner -> addClauses(inner, patterns, found));
      } else if (clause.getKey().equals(REGEX) == patterns) {
        found.add(clause.getValue().asText());
      }
    }
  }

  private static String withoutEnd(String text) {
    int end = text.length();
    while (end > 0 && "-@:./_".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(0, end);
  }
}
