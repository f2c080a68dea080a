package io.fuseline.stream.policy;

import java.util.Locale;
import java.util.Map;

/** A rule of a detector that watches one root run with all the runs it started. */
public sealed interface RunRule extends Rule {

  /** Every setting, defaults filled in, as it stands in a policy's compiled form. */
  Map<String, Object> settings();

  /**
   * A root run has outgrown its bounds, whatever it does. Measure: the count.
   *
   * @param of what is counted
   */
  record Bound(Of of) implements RunRule {
    @Override
    public String type() {
      return "run-bound";
    }

    @Override
    public String matter() {
      return "run-bound " + of;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("of", of.name());
    }
  }

  /** What a {@link Bound} counts. */
  enum Of {
    /** Tool calls of the whole tree. */
    TOOL_CALLS,
    /** Runs in the tree, the root run among them. */
    RUNS,
    /** Runs from the root to the deepest one: 1 without delegation. */
    DEPTH,
    /** Runs that one run has started. */
    FAN_OUT;

    /** The name as people write it. */
    public String written() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
