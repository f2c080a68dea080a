package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** Budgets of what one success costs: measure, words and numbers. */
final class OutcomeBudgets {
  private OutcomeBudgets() {}

  /**
   * What one success costs in a window, pico-units, rounded half to even: all that was spent in it,
   * on open and failed attempts too, over its successes, or over 1 while there is none. 0 while the
   * window holds too little to judge by.
   */
  static long measure(Rule.Budget rule, Cell cell) {
    OutcomeCounts.Count count = cell.outcomes(rule.outcome().type());
    Amount spent = cell.exposure();
    boolean enough =
        count.successes + count.failures >= rule.outcome().minAttempts()
            || spent.saturatedPico() >= rule.outcome().minSpendPico();
    return enough ? pico(perSuccess(spent, count)) : 0;
  }

  private static BigDecimal perSuccess(Amount spent, OutcomeCounts.Count count) {
    return spent
        .toBigDecimal()
        .divide(
            BigDecimal.valueOf(Math.max(1, count.successes)), Amount.SCALE, RoundingMode.HALF_EVEN);
  }

  private static long pico(BigDecimal money) {
    BigDecimal pico = money.movePointRight(Amount.SCALE);
    return pico.toBigInteger().bitLength() < Long.SIZE ? pico.longValue() : Long.MAX_VALUE;
  }

  /** True unless the budget is of one type of outcome and the scope is another. */
  static boolean concerns(Rule.Budget rule, ScopeKey key) {
    return rule.per() != Rule.Per.OUTCOME
        || rule.outcome() == null
        || rule.outcome().type() == null
        || rule.outcome().type().equals(key.value());
  }

  static Evidence evidence(
      Rule.Budget rule, Rung rung, Cell cell, String who, List<String> spanIds, Raised raised) {
    OutcomeCounts.Count count = cell.outcomes(rule.outcome().type());
    Amount spent = cell.exposure();
    BigDecimal each = perSuccess(spent, count);
    String type = rule.outcome().type() == null ? "outcome" : rule.outcome().type();
    Map<String, String> details = raised.details();
    details.put("limit", Budgets.plain(BigDecimal.valueOf(rule.limitPico(), Amount.SCALE)));
    details.put("outcome", type);
    details.put("spent", spent.toString());
    details.put("successes", String.valueOf(count.successes));
    details.put("failures", String.valueOf(count.failures));
    details.put("of_which_unpriced_bound", cell.bound.toString());
    if (!count.value.isZero()) {
      details.put("value", count.value.toString());
    }
    return RunJudge.evidence(
        rule.type(),
        each.toPlainString(),
        BigDecimal.valueOf(rung.threshold(), Amount.SCALE).toPlainString(),
        rule.currency() + " per " + type,
        "%s has spent %s %s%s and achieved %s %d times (%d failed): %s %s each, %s of its limit of %s reached; open attempts are counted."
            .formatted(
                who,
                Budgets.plain(spent.toBigDecimal()),
                rule.currency(),
                rule.window().words(),
                type,
                count.successes,
                count.failures,
                Budgets.plain(each.setScale(4, RoundingMode.HALF_EVEN)),
                rule.currency(),
                rung.at(),
                Budgets.plain(BigDecimal.valueOf(rule.limitPico(), Amount.SCALE))),
        spanIds,
        details);
  }
}
