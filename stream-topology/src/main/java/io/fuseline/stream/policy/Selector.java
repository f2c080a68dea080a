package io.fuseline.stream.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Selects whom a policy is for: every named attribute must match its glob ({@code *} any text,
 * {@code ?} one character). No attribute named selects everyone. An attribute the span did not give
 * matches only {@code *}.
 */
public final class Selector {
  /** Attributes that can be selected on, in the order of their names. */
  static final Map<String, Function<Subject, String>> ATTRIBUTES = attributes();

  private final Map<String, String> globs;
  private final Map<String, Glob> wanted = new LinkedHashMap<>();

  Selector(Map<String, String> globs) {
    this.globs = Map.copyOf(globs);
    globs.forEach(
        (attribute, glob) -> {
          if (!glob.equals("*")) {
            wanted.put(attribute, new Glob(glob));
          }
        });
  }

  /** Selects every subject. */
  public static Selector everyone() {
    return new Selector(Map.of());
  }

  /** True when every named attribute matches. */
  public boolean matches(Subject subject) {
    for (Map.Entry<String, Glob> glob : wanted.entrySet()) {
      String given = ATTRIBUTES.get(glob.getKey()).apply(subject);
      if (given == null || !glob.getValue().matches(given)) {
        return false;
      }
    }
    return true;
  }

  /** Attribute to glob, as written. */
  public Map<String, String> globs() {
    return globs;
  }

  private static Map<String, Function<Subject, String>> attributes() {
    Map<String, Function<Subject, String>> all = new LinkedHashMap<>();
    all.put("agent", Subject::agent);
    all.put("cost_centre", Subject::costCentre);
    all.put("environment", Subject::environment);
    all.put("project", Subject::project);
    all.put("role", Subject::role);
    all.put("team", Subject::team);
    all.put("tenant", Subject::tenant);
    all.put("workflow", Subject::workflow);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Selector selector && selector.globs.equals(globs);
  }

  @Override
  public int hashCode() {
    return globs.hashCode();
  }
}
