package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a detector measured. How it is told is asked for when a rung is reached and not before: most
 * spans reach none.
 *
 * @param measure in the rule's scale
 */
record Finding(long measure, Supplier<Told> told) {

  /**
   * A finding in words.
   *
   * @param unit what the measure counts
   * @param summary the finding in one sentence, up to the spend
   */
  record Told(String unit, String summary, List<String> spanIds, Map<String, String> details) {}

  /** The finding as it stands in alerts and commands. */
  Evidence evidence(Rule rule, Rung rung, Amount spend, String currency) {
    Told found = told.get();
    return RunJudge.evidence(
        rule.type(),
        written(rule, measure),
        written(rule, rung.threshold()),
        found.unit(),
        "%s; %s %s spent."
            .formatted(found.summary(), Budgets.plain(spend.toBigDecimal()), currency),
        found.spanIds(),
        found.details());
  }

  /** A measure as people read it. */
  private static String written(Rule rule, long measure) {
    return switch (rule.scale()) {
      case COUNT, ANY_COUNT -> String.valueOf(measure);
      case FACTOR -> factor(measure);
      case PERCENT -> percent(measure);
    };
  }

  static String factor(long milli) {
    return BigDecimal.valueOf(milli, 3).toPlainString();
  }

  static String percent(long tenThousandths) {
    BigDecimal percent = BigDecimal.valueOf(tenThousandths, 4).stripTrailingZeros();
    return percent.scale() < 0 ? percent.setScale(0).toPlainString() : percent.toPlainString();
  }
}
