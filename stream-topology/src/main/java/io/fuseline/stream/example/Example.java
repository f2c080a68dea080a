package io.fuseline.stream.example;

import java.util.List;
import java.util.Map;

/**
 * One case of an example file.
 *
 * @param events spans and outcomes in the order in which they come; repeated ones stand here as
 *     often
 * @param expected the alerts that have to follow, in order, each by the fields that are given:
 *     policy, action, state, target, target_type, command, span
 */
public record Example(
    String file, String name, List<ExampleEvent> events, List<Map<String, String>> expected) {

  /** What came of it: equal lists when the example holds. */
  public record Outcome(List<Map<String, String>> expected, List<Map<String, String>> found) {
    /** True when every expected alert followed, in order, and no other. */
    public boolean holds() {
      if (expected.size() != found.size()) {
        return false;
      }
      for (int i = 0; i < expected.size(); i++) {
        if (!found.get(i).entrySet().containsAll(expected.get(i).entrySet())) {
          return false;
        }
      }
      return true;
    }
  }
}
