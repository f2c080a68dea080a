package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Rule;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What a root run has spent and used of what budgets add up. */
final class RunBudgets {
  /** Tag that tells the value of an action, in the pipeline's currency, as a plain decimal. */
  static final String DECLARED_VALUE = "declared_value";

  private static final Pattern PLAIN = Pattern.compile("\\d{1,15}(\\.\\d{1,12})?");

  private RunBudgets() {}

  /** The measure that an episode is about: that of the run, or of one of the trees in it. */
  static long measure(Rule.Budget rule, RunState run, String rootRunId, Episode episode) {
    if (rule.per() != Rule.Per.SUBTREE) {
      return measure(rule, run);
    }
    RunNode node = run.nodes.get(episode.part == null ? rootRunId : episode.part);
    return node == null ? 0 : node.tree.saturatedPico();
  }

  static long measure(Rule.Budget rule, RunState run) {
    return switch (rule.of()) {
      case COST -> run.exposure().saturatedPico();
      case TOKENS -> run.tokens;
      case LLM_CALLS -> run.llmCalls;
      case TOOL_CALLS -> isOfAllTools(rule) ? run.toolCalls : sum(callsByTool(rule, run));
      case CALLS_OF_ONE_TOOL -> most(callsByTool(rule, run));
      case STEPS -> run.llmCalls + run.toolCalls;
      case ACTION_VALUE -> 0; // of the span at hand alone
      case COST_PER_OUTCOME -> 0; // of a scope of many runs
    };
  }

  /**
   * What a call adds to the measure of a root run's budget; tokens are not known before.
   *
   * @param run null when nothing is known of the run yet
   */
  static long adds(Rule.Budget rule, RunState run, Call call) {
    String tool = call.subject().tool();
    return switch (rule.of()) {
      case TOOL_CALLS -> counts(rule, call) ? 1 : 0;
      case CALLS_OF_ONE_TOOL -> {
        if (!counts(rule, call)) {
          yield 0;
        }
        Map<String, Long> calls = run == null ? Map.of() : callsByTool(rule, run);
        yield Math.max(0, calls.getOrDefault(tool, 0L) + 1 - most(calls));
      }
      case ACTION_VALUE -> call.actionValuePico();
      default -> Budgets.adds(rule, call);
    };
  }

  /** True when the budget counts calls of the call's tool. */
  private static boolean counts(Rule.Budget rule, Call call) {
    String tool = call.subject().tool();
    return tool != null && !rule.allows(tool) && call.estimatePico() >= rule.minUnitPricePico();
  }

  /**
   * Value that a span declares for its action, pico-units; 0 without one, or when it is no money.
   */
  static long actionValue(Map<String, String> tags) {
    String declared = tags.get(DECLARED_VALUE);
    if (declared == null || !PLAIN.matcher(declared).matches()) {
      return 0;
    }
    BigDecimal pico = new BigDecimal(declared).movePointRight(Amount.SCALE);
    return pico.toBigInteger().bitLength() < Long.SIZE ? pico.longValue() : Long.MAX_VALUE;
  }

  private static boolean isOfAllTools(Rule.Budget rule) {
    return rule.minUnitPricePico() == 0 && rule.otherThan().isEmpty();
  }

  /** Calls of each tool, by whatever agent of the tree; only tools as dear as the rule asks. */
  private static Map<String, Long> callsByTool(Rule.Budget rule, RunState run) {
    Map<String, Long> calls = new HashMap<>();
    Map<String, Amount> costs = new HashMap<>();
    run.tools.forEach(
        (key, use) -> {
          if (!rule.allows(key.tool())) {
            calls.merge(key.tool(), use.calls, Long::sum);
            costs.computeIfAbsent(key.tool(), tool -> new Amount()).add(use.cost);
          }
        });
    if (rule.minUnitPricePico() > 0) {
      BigDecimal price = BigDecimal.valueOf(rule.minUnitPricePico(), Amount.SCALE);
      calls
          .entrySet()
          .removeIf(
              tool ->
                  tool.getValue() <= 0
                      || costs
                              .get(tool.getKey())
                              .toBigDecimal()
                              .compareTo(price.multiply(BigDecimal.valueOf(tool.getValue())))
                          < 0);
    }
    return calls;
  }

  private static long sum(Map<String, Long> calls) {
    return calls.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long most(Map<String, Long> calls) {
    return calls.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }
}
