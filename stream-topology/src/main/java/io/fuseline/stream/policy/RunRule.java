package io.fuseline.stream.policy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A rule of a detector that watches one root run with all the runs it started. */
public sealed interface RunRule extends Rule {

  /** Every setting, defaults filled in, as it stands in a policy's compiled form. */
  Map<String, Object> settings();

  /** A rule over the sequence of tool calls of a run, and of its whole tree. */
  sealed interface OfCalls extends RunRule {
    /** Tools that may repeat, such as a poller; their calls are not part of the sequence. */
    Set<String> ignoreTools();
  }

  /**
   * A run goes round in circles, by all signs together. Measure: points. A call that brings nothing
   * new adds some, a call that does takes some away; never under 0.
   */
  record Loop(Set<String> ignoreTools) implements OfCalls {
    @Override
    public String type() {
      return "loop";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("ignore_tools", List.copyOf(new TreeSet<>(ignoreTools)));
    }
  }

  /**
   * One sign of a loop alone.
   *
   * @param sign what is counted
   * @param withinCalls newest calls that are looked at, 2 to 64
   */
  record Repetition(Sign sign, int withinCalls, Set<String> ignoreTools) implements OfCalls {
    @Override
    public String type() {
      return sign.written();
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of(
          "within_calls", withinCalls, "ignore_tools", List.copyOf(new TreeSet<>(ignoreTools)));
    }
  }

  /** A sign of a loop, and what its measure is. */
  enum Sign {
    /** Calls of one tool with the same arguments among the newest. */
    REPEATED_CALL,
    /** Times two calls took turns, whatever came of them. */
    ALTERNATION,
    /** Times the same error came from the same tool among the newest calls. */
    REPEATED_ERROR,
    /** Calls in a row whose tool had given the same result before. */
    NO_PROGRESS,
    /** Repeats of a cycle in which each call has like arguments or the same result. */
    NEAR_CYCLE;

    /** The name as people write it. */
    public String written() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Each model call reads more than the one before and says less. Measure: calls in a row. */
  record GrowingInput() implements RunRule {
    @Override
    public String type() {
      return "growing-input";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of();
    }
  }

  /**
   * A run thinks and says little. Measure: reasoning tokens as a part of all output tokens of its
   * newest model calls.
   *
   * @param floorTokens with fewer output tokens nothing is said
   */
  record ReasoningShare(long floorTokens) implements RunRule {
    @Override
    public String type() {
      return "reasoning-share";
    }

    @Override
    public Scale scale() {
      return Scale.PERCENT;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("floor_tokens", floorTokens);
    }
  }

  /**
   * A run has gone silent while spans of it were still open. Measure: open spans. Judged when the
   * run goes silent.
   */
  record Abandoned() implements RunRule {
    @Override
    public String type() {
      return "abandoned-run";
    }

    @Override
    public Scale scale() {
      return Scale.ANY_COUNT;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of();
    }
  }

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
