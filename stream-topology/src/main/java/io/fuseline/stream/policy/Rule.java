package io.fuseline.stream.policy;

import java.util.Set;
import java.util.TreeSet;

/** What a policy watches. Each rule yields a measure that the policy's rungs are compared with. */
public sealed interface Rule
    permits Rule.ExactCycle,
        Rule.ToolCallExplosion,
        Rule.Budget,
        Rule.Unpriced,
        RunRule,
        AgentRule {

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
   * What was spent or used against a limit. Measure of cost: pico-units, with usage that has no
   * price at its conservative bound; of anything else: its count.
   *
   * @param limitPico 100 % in pico-units of the currency, or the count
   * @param of what is added up
   * @param minUnitPricePico only tools whose calls cost this much on average, in pico-units; 0 for
   *     all
   * @param otherThan only calls of tools that match none of these globs; empty for all
   * @param outcome what {@link Usage#COST_PER_OUTCOME} counts; null for anything else
   */
  record Budget(
      Per per,
      Window window,
      long limitPico,
      String currency,
      Usage of,
      long minUnitPricePico,
      Set<String> otherThan,
      Outcomes outcome)
      implements Rule {

    /** A budget of anything but what an outcome costs. */
    public Budget(
        Per per,
        Window window,
        long limitPico,
        String currency,
        Usage of,
        long minUnitPricePico,
        Set<String> otherThan) {
      this(per, window, limitPico, currency, of, minUnitPricePico, otherThan, null);
    }

    /** True for a tool that {@code otherThan} names. */
    public boolean allows(String tool) {
      for (String glob : otherThan) {
        if (new Glob(glob).matches(tool)) {
          return true;
        }
      }
      return false;
    }

    /** A budget of money. */
    public Budget(Per per, Window window, long limitPico, String currency) {
      this(per, window, limitPico, currency, Usage.COST, 0, Set.of());
    }

    @Override
    public String type() {
      return per.isOfARun() ? "run-budget" : "scope-budget";
    }

    @Override
    public Scale scale() {
      return Scale.PERCENT;
    }

    @Override
    public String matter() {
      return "budget "
          + per
          + " "
          + window.name()
          + " "
          + of
          + (minUnitPricePico == 0 ? "" : " from " + minUnitPricePico)
          + (otherThan.isEmpty() ? "" : " but " + new TreeSet<>(otherThan))
          + (outcome == null || outcome.type() == null ? "" : " for " + outcome.type());
    }
  }

  /**
   * The outcomes that a budget divides cost by. It judges once the window holds enough: this many
   * attempts that have ended, or, whatever has ended, this much spent.
   *
   * @param type null for all types
   * @param minSpendPico pico-units
   */
  record Outcomes(String type, long minSpendPico, long minAttempts) {}

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

  /** What a budget adds up. */
  enum Usage {
    COST("USD"),
    TOKENS("tokens"),
    LLM_CALLS("model calls"),
    TOOL_CALLS("tool calls"),
    /** Calls of the tool that was called most. */
    CALLS_OF_ONE_TOOL("calls of one tool"),
    /** Model calls and tool calls. */
    STEPS("steps"),
    /** The declared value of one action; not added up. */
    ACTION_VALUE("USD of one action"),
    /** All that was spent, on open and failed attempts too, over the successes. */
    COST_PER_OUTCOME("USD per outcome");

    private final String unit;

    Usage(String unit) {
      this.unit = unit;
    }

    /** Unit in evidence. */
    public String unit() {
      return unit;
    }

    /** True when limits and measures are pico-units of money. */
    public boolean isMoney() {
      return this == COST || this == ACTION_VALUE || this == COST_PER_OUTCOME;
    }

    /** True when it can only be told of one root run. */
    public boolean isOfARun() {
      return this == CALLS_OF_ONE_TOOL || this == ACTION_VALUE;
    }
  }

  /**
   * Whose spend a budget adds up. RUN: the whole delegation tree of one root run. SUBTREE: every
   * run of the tree for itself, with the runs it started.
   */
  enum Per {
    RUN,
    SUBTREE,
    AGENT,
    TOOL,
    STEP,
    MODEL,
    WORKFLOW,
    TEAM,
    PROJECT,
    COST_CENTRE,
    TENANT,
    /** All runs that have an outcome of one type, achieved or missed. */
    OUTCOME;

    /** True when runs are attempts at something that is counted for it. */
    public boolean hasOutcomes() {
      return switch (this) {
        case AGENT, WORKFLOW, TEAM, PROJECT, COST_CENTRE, TENANT, OUTCOME -> true;
        case RUN, SUBTREE, TOOL, STEP, MODEL -> false;
      };
    }

    /** True when it is judged with the run, not with a scope of many. */
    public boolean isOfARun() {
      return this == RUN || this == SUBTREE;
    }
  }
}
