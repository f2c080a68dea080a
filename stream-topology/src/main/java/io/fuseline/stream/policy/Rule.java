package io.fuseline.stream.policy;

import java.util.Set;

/** What a policy watches. Each rule yields a measure that the policy's rungs are compared with. */
public sealed interface Rule
    permits Rule.ExactCycle, Rule.ToolCallExplosion, Rule.Budget, Rule.Unpriced, RunRule {

  /** Name in evidence and metrics; in YAML both kinds of budget are called {@code budget}. */
  String type();

  /** How thresholds of the rule are written. */
  default Scale scale() {
    return Scale.COUNT;
  }

  /**
   * What the rule watches, so far as two policies can be at odds about it: of the policies of one
   * subject matter that select the same target, the most specific hold.
   */
  default String matter() {
    return type();
  }

  /**
   * The same tool calls over and over: same tool, same arguments, same result, in the same order,
   * by one run. Measure: how many times the cycle was seen in a row. A cycle with an unknown result
   * in it needs twice the repeats.
   *
   * @param maxPeriod longest cycle looked for, 1 to 8 calls
   * @param ignoreTools tools that may repeat, such as a poller; their calls are not part of the
   *     sequence
   */
  record ExactCycle(int maxPeriod, Set<String> ignoreTools) implements Rule {
    @Override
    public String type() {
      return "exact-cycle";
    }
  }

  /**
   * One run calls one tool far more often than its agent's runs usually do. Measure, in
   * thousandths: calls in the window over the calls expected, where no fewer than {@code
   * floorCalls} divided by the first rung's factor are expected.
   *
   * @param windowMinutes 1 to 10
   * @param floorCalls the first rung is never reached with fewer calls than this in the window
   */
  record ToolCallExplosion(int windowMinutes, long floorCalls, Set<String> ignoreTools)
      implements Rule {
    @Override
    public String type() {
      return "tool-call-explosion";
    }

    @Override
    public Scale scale() {
      return Scale.FACTOR;
    }
  }

  /**
   * Spend against a limit. Measure: spend in pico-units, with usage that has no price at its
   * conservative bound.
   *
   * @param limitPico 100 % in pico-units of the currency
   */
  record Budget(Per per, Window window, long limitPico, String currency) implements Rule {
    @Override
    public String type() {
      return per == Per.RUN ? "run-budget" : "scope-budget";
    }

    @Override
    public Scale scale() {
      return Scale.PERCENT;
    }

    @Override
    public String matter() {
      return "budget " + per + " " + window;
    }
  }

  /**
   * A model or tool is used without a price. Measure: spans of it that have no price now. Built in
   * ({@link BuiltInPolicies#UNPRICED}); no policy file states it.
   */
  record Unpriced() implements Rule {
    @Override
    public String type() {
      return "unpriced";
    }
  }

  /** Whose spend a budget adds up. RUN: the whole delegation tree of one root run. */
  enum Per {
    RUN,
    AGENT,
    TOOL,
    STEP,
    MODEL,
    WORKFLOW,
    TEAM,
    PROJECT,
    COST_CENTRE,
    TENANT
  }

  /**
   * Over which time a budget adds up: the life of the run, or an hour or a day of event time in
   * UTC.
   */
  enum Window {
    LIFE,
    HOUR,
    DAY
  }
}
