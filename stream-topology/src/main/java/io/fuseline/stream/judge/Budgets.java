package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Measures, words and numbers of budgets. */
final class Budgets {
  private static final BigDecimal MICROS_PER_HOUR =
      BigDecimal.valueOf(60 * Times.MICROS_PER_MINUTE);

  /** A pace is not told from less than this. */
  private static final long LEAST_ELAPSED = Times.MICROS_PER_MINUTE;

  /** An end that is further away is not told. */
  private static final BigDecimal MOST_HOURS = BigDecimal.valueOf(24 * 366);

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

  /**
   * Tells the pace and when 100 % is reached at it. Linear: spent over elapsed time; told from a
   * minute on.
   */
  private static String project(
      Rule.Budget rule, long measure, Elapsed elapsed, Map<String, String> details) {
    long micros = elapsed.to() - elapsed.from();
    if (micros < LEAST_ELAPSED || measure <= 0) {
      return "";
    }
    BigDecimal perHour =
        BigDecimal.valueOf(measure)
            .multiply(MICROS_PER_HOUR)
            .divide(BigDecimal.valueOf(micros), 0, RoundingMode.HALF_EVEN);
    details.put(
        "pace_per_hour",
        rule.of().isMoney() ? plain(perHour.movePointLeft(Amount.SCALE)) : perHour.toPlainString());
    if (measure >= rule.limitPico() || perHour.signum() == 0) {
      return "";
    }
    BigDecimal left = BigDecimal.valueOf(rule.limitPico() - measure);
    if (left.compareTo(perHour.multiply(MOST_HOURS)) > 0) {
      return "";
    }
    long end =
        elapsed.to()
            + left.multiply(MICROS_PER_HOUR)
                .divide(perHour, 0, RoundingMode.CEILING)
                .longValueExact();
    if (end >= elapsed.windowEnd()) {
      return "";
    }
    String at = Times.instant(end).truncatedTo(ChronoUnit.SECONDS).toString();
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
