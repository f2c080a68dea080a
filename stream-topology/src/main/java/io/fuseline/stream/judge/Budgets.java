package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Words and numbers of a budget that was reached. */
final class Budgets {
  private Budgets() {}

  static Evidence evidence(
      Rule.Budget rule, Rung rung, Amount spend, Amount bound, String who, List<String> spanIds) {
    BigDecimal limit = BigDecimal.valueOf(rule.limitPico(), Amount.SCALE);
    String span =
        switch (rule.window()) {
          case LIFE -> "";
          case HOUR -> " this hour";
          case DAY -> " today";
        };
    return RunJudge.evidence(
        rule.type(),
        spend.toString(),
        BigDecimal.valueOf(rung.threshold(), Amount.SCALE).toPlainString(),
        rule.currency(),
        "%s has spent %s %s%s, %s of its limit of %s reached."
            .formatted(
                who, plain(spend.toBigDecimal()), rule.currency(), span, rung.at(), plain(limit)),
        spanIds,
        Map.of("limit", plain(limit), "of_which_unpriced_bound", bound.toString()));
  }

  /** At least two fraction digits, none that say nothing. */
  static String plain(BigDecimal money) {
    BigDecimal stripped = money.stripTrailingZeros();
    return stripped.setScale(Math.max(2, stripped.scale())).toPlainString();
  }
}
