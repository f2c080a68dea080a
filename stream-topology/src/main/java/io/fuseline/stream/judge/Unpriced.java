package io.fuseline.stream.judge;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.Evidence;
import io.fuseline.stream.policy.BuiltInPolicies;
import java.util.List;
import java.util.Map;

/** Words and numbers of a model or tool that is used without a price. */
final class Unpriced {
  private Unpriced() {}

  /** The dimensions in which a name without a price is told of. */
  static boolean concerns(ScopeKey key) {
    return key.dimension() == Dimension.MODEL || key.dimension() == Dimension.TOOL;
  }

  static Evidence evidence(ScopeKey key, Cell total, Delta delta, String currency) {
    String what = key.dimension() == Dimension.MODEL ? "Model" : "Tool";
    String provider = delta.provider() == null ? "(not told)" : delta.provider();
    return RunJudge.evidence(
        BuiltInPolicies.UNPRICED.rule().type(),
        String.valueOf(total.unpricedSpans),
        "1",
        "spans without a price",
        "%s %s of provider %s has no price; its use is bounded by %s %s so far, which budgets count and the ledger does not. Add a price to the topic of prices (fuseline prices import); what was used is then priced after the fact."
            .formatted(
                what, key.value(), provider, Budgets.plain(total.bound.toBigDecimal()), currency),
        delta.spanId() == null ? List.of() : List.of(delta.spanId()),
        Map.of(
            "name", key.value(),
            "provider", provider,
            "unpriced_bound", total.bound.toString()));
  }
}
