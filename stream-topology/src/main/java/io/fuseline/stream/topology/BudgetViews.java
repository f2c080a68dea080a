package io.fuseline.stream.topology;

import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Limit;
import io.fuseline.stream.judge.Pace;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.query.CostQueries.BudgetView;
import java.math.BigDecimal;
import java.time.temporal.ChronoUnit;

/** Shows how budgets stand to those who ask. */
final class BudgetViews {
  private BudgetViews() {}

  static BudgetView of(Limit limit, Opinion.Binding standing) {
    boolean money = standing.money();
    Pace pace = limit.pace();
    return new BudgetView(
        limit.policy().id(),
        limit.policy().version(),
        limit.policy().mode().name(),
        limit.budget().window().name(),
        standing.unit(),
        limit.type(),
        limit.scope(),
        amount(money, standing.spend()),
        amount(money, limit.limit()),
        amount(money, limit.raised()),
        standing.stops() ? amount(money, standing.limit()) : null,
        amount(money, standing.reserved()),
        amount(money, standing.headroom()),
        pace.perHour() == null || !money
            ? pace.perHour()
            : pace.perHour().movePointLeft(Amount.SCALE),
        pace.endsAt() == null ? null : Times.instant(pace.endsAt()).truncatedTo(ChronoUnit.SECONDS),
        limit.windowEnd() == Long.MAX_VALUE ? null : Times.instant(limit.windowEnd()));
  }

  private static BigDecimal amount(boolean money, long measure) {
    return BigDecimal.valueOf(measure, money ? Amount.SCALE : 0);
  }
}
