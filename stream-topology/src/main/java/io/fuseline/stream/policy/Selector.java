package io.fuseline.stream.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Selects whom a policy is for: every named attribute and tag must match its glob ({@code *} any
 * text, {@code ?} one character), and the condition must hold. Nothing named selects everyone. An
 * attribute the span did not give matches only {@code *}; a tag it did not give matches nothing.
 */
public final class Selector {
  /** Attributes that can be selected on, in the order of their names. */
  static final Map<String, Function<Subject, String>> ATTRIBUTES = attributes();

  /** The same from the narrowest scope to the widest; the order in which selectors are compared. */
  static final List<String> NARROWEST_FIRST =
      List.of(
          "agent",
          "workflow",
          "tool",
          "model",
          "role",
          "project",
          "team",
          "cost_centre",
          "environment",
          "tenant");

  private static final int NOT_NAMED = 0;
  private static final int PATTERN = 1;
  private static final int EXACT = 2;

  private final Map<String, String> globs;
  private final Map<String, String> tagGlobs;
  private final Condition condition;
  private final Map<String, Glob> wanted = new LinkedHashMap<>();
  private final Map<String, Glob> wantedTags = new LinkedHashMap<>();
  private final int[] specificity;

  Selector(Map<String, String> globs) {
    this(globs, Map.of(), null);
  }

  /**
   * @param condition null for none
   */
  Selector(Map<String, String> globs, Map<String, String> tagGlobs, Condition condition) {
    this.globs = Map.copyOf(globs);
    this.tagGlobs = Map.copyOf(tagGlobs);
    this.condition = condition;
    globs.forEach(
        (attribute, glob) -> {
          if (!glob.equals("*")) {
            wanted.put(attribute, new Glob(glob));
          }
        });
    tagGlobs.forEach((tag, glob) -> wantedTags.put(tag, new Glob(glob)));
    this.specificity = specificity();
  }

  /** Selects every subject. */
  public static Selector everyone() {
    return new Selector(Map.of());
  }

  /** True when every named attribute and tag matches and the condition holds. */
  public boolean matches(Subject subject) {
    for (Map.Entry<String, Glob> glob : wanted.entrySet()) {
      String given = ATTRIBUTES.get(glob.getKey()).apply(subject);
      if (given == null || !glob.getValue().matches(given)) {
        return false;
      }
    }
    for (Map.Entry<String, Glob> glob : wantedTags.entrySet()) {
      String given = subject.tags().get(glob.getKey());
      if (given == null || !glob.getValue().matches(given)) {
        return false;
      }
    }
    return condition == null || condition.holds(subject);
  }

  /**
   * Compares how narrow two selectors are: positive when this one is the more specific. Attribute
   * by attribute, the narrowest scope first, an exact value is more specific than a pattern, and a
   * pattern than none; then the number of tags; then having a condition.
   */
  int compareSpecificity(Selector other) {
    return Arrays.compare(specificity, other.specificity);
  }

  private int[] specificity() {
    int[] ranks = new int[NARROWEST_FIRST.size() + 2];
    for (int i = 0; i < NARROWEST_FIRST.size(); i++) {
      String glob = globs.getOrDefault(NARROWEST_FIRST.get(i), "*");
      ranks[i] = glob.equals("*") ? NOT_NAMED : Glob.isPattern(glob) ? PATTERN : EXACT;
    }
    ranks[ranks.length - 2] = tagGlobs.size();
    ranks[ranks.length - 1] = condition == null ? 0 : 1;
    return ranks;
  }

  /** Attribute to glob, as written. */
  public Map<String, String> globs() {
    return globs;
  }

  /** Tag to glob, as written. */
  public Map<String, String> tagGlobs() {
    return tagGlobs;
  }

  /** The condition as written; null when there is none. */
  public String condition() {
    return condition == null ? null : condition.text();
  }

  private static Map<String, Function<Subject, String>> attributes() {
    Map<String, Function<Subject, String>> all = new LinkedHashMap<>();
    all.put("agent", Subject::agent);
    all.put("cost_centre", Subject::costCentre);
    all.put("environment", Subject::environment);
    all.put("model", Subject::model);
    all.put("project", Subject::project);
    all.put("role", Subject::role);
    all.put("team", Subject::team);
    all.put("tenant", Subject::tenant);
    all.put("tool", Subject::tool);
    all.put("workflow", Subject::workflow);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Selector selector
        && selector.globs.equals(globs)
        && selector.tagGlobs.equals(tagGlobs)
        && Objects.equals(selector.condition(), condition());
  }

  @Override
  public int hashCode() {
    return Objects.hash(globs, tagGlobs, condition());
  }
}
