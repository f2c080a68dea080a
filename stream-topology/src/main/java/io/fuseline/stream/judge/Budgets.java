package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Measures, words and numbers of budgets. */
final class Budgets {
  private Budgets() {}

  /** What a cell holds of what the budget adds up. */
  static long measure(Rule.Budget rule, Cell cell) {
    return switch (rule.of()) {
      case TOKENS -> cell.tokens;
      case LLM_CALLS -> cell.llmCalls;
      case TOOL_CALLS -> cell.toolCalls;
      case STEPS -> cell.llmCalls + cell.toolCalls;
      case COST, CALLS_OF_ONE_TOOL, ACTION_VALUE -> cell.exposure().saturatedPico();
      case COST_PER_OUTCOME -> OutcomeBudgets.measure(rule, cell);
    };
  }

  /** What a call adds to a budget of a scope: tokens are not known before. */
  static long adds(Rule.Budget rule, Call call) {
    return switch (rule.of()) {
      case COST -> call.estimatePico();
      case LLM_CALLS -> call.subject().model() == null ? 0 : 1;
      case TOOL_CALLS -> call.subject().tool() == null ? 0 : 1;
      case STEPS -> 1;
      case TOKENS, CALLS_OF_ONE_TOOL, ACTION_VALUE, COST_PER_OUTCOME -> 0;
    };
  }

  /**
   * Since when and until when the budget's measure has come together, epoch microseconds of event
   * time: the pace is what was spent over this time.
   *
   * @param windowEnd when the window ends and the measure begins anew; {@link Long#MAX_VALUE} for
   *     never
   */
  record Elapsed(long from, long to, long windowEnd) {}

  static Evidence evidence(
      Rule.Budget rule,
      Rung rung,
      long measure,
      Amount bound,
      String who,
      List<String> spanIds,
      Elapsed elapsed,
      Raised raised) {
    Map<String, String> details = raised.details();
    details.put("limit", written(rule, rule.limitPico()));
    if (rule.of() == Rule.Usage.COST && rule.per() != Rule.Per.SUBTREE) {
      details.put("of_which_unpriced_bound", bound.toString());
    }
    String projected =
        rule.of() == Rule.Usage.ACTION_VALUE ? "" : project(rule, measure, elapsed, details);
    return RunJudge.evidence(
        rule.type(),
        exact(rule, measure),
        exact(rule, rung.threshold()),
        rule.of() == Rule.Usage.COST ? rule.currency() : rule.of().unit(),
        "%s has %s %s%s, %s of its limit of %s reached.%s"
            .formatted(
                who,
                verb(rule),
                written(rule, measure) + " " + unit(rule),
                rule.window().words(),
                rung.at(),
                written(rule, rule.limitPico()),
                projected),
        spanIds,
        details);
  }

  /** Tells the pace and when 100 % is reached at it. */
  private static String project(
      Rule.Budget rule, long measure, Elapsed elapsed, Map<String, String> details) {
    Pace pace =
        Pace.of(measure, rule.limitPico(), elapsed.from(), elapsed.to(), elapsed.windowEnd());
    if (pace.perHour() == null) {
      return "";
    }
    details.put(
        "pace_per_hour",
        rule.of().isMoney()
            ? plain(pace.perHour().movePointLeft(Amount.SCALE))
            : pace.perHour().toPlainString());
    if (pace.endsAt() == null) {
      return "";
    }
    String at = Times.instant(pace.endsAt()).truncatedTo(ChronoUnit.SECONDS).toString();
    details.put("ends_at", at);
    return " At this pace it ends at " + at + ".";
  }

  private static String verb(Rule.Budget rule) {
    return switch (rule.of()) {
      case COST -> "spent";
      case ACTION_VALUE -> "declared an action of";
      default -> "used";
    };
  }

  private static String unit(Rule.Budget rule) {
    return rule.of().isMoney() ? rule.currency() : rule.of().unit();
  }

  private static String written(Rule.Budget rule, long measure) {
    return rule.of().isMoney()
        ? plain(BigDecimal.valueOf(measure, Amount.SCALE))
        : String.valueOf(measure);
  }

  private static String exact(Rule.Budget rule, long measure) {
    return rule.of().isMoney()
        ? BigDecimal.valueOf(measure, Amount.SCALE).toPlainString()
        : String.valueOf(measure);
  }

  /** At least two fraction digits, none that say nothing. */
  static String plain(BigDecimal money) {
    BigDecimal stripped = money.stripTrailingZeros();
    return stripped.setScale(Math.max(2, stripped.scale())).toPlainString();
  }
}
