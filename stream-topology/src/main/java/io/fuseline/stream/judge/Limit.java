package io.fuseline.stream.judge;

import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import java.util.List;

/**
 * A budget that holds for a call, and how it stands. Amounts are pico-units, or counts where the
 * budget counts; times are epoch microseconds.
 *
 * @param type whose budget it is
 * @param scope the run, agent, team and so on
 * @param windowStart when the budget's calendar window began; 0 where it follows no calendar
 * @param windowEnd when it ends; {@link Long#MAX_VALUE} for never
 * @param measure what the books say has been spent or used in the window
 * @param raised how much higher its rungs stand for now, because people have raised the cap
 * @param adds what the call adds to the measure
 * @param rungs those that can still be reached, by rising threshold
 * @param from since when the measure has come together, to tell a pace
 * @param to until when
 */
public record Limit(
    Policy policy,
    TargetType type,
    String tenant,
    String scope,
    long windowStart,
    long windowEnd,
    long measure,
    long raised,
    long adds,
    List<Rung> rungs,
    long from,
    long to) {

  public Rule.Budget budget() {
    return (Rule.Budget) policy.rule();
  }

  /** True when its rungs are acted upon, and it is not only watched. */
  public boolean isEnforced() {
    return policy.mode() == PolicyMode.ENFORCE;
  }

  /** The measure at which a rung is reached. */
  public long threshold(Rung rung) {
    return Saturating.add(rung.threshold(), raised);
  }

  /** What 100 % is. */
  public long limit() {
    return Saturating.add(budget().limitPico(), raised);
  }

  /** The pace and the end at it; both null where neither can be told. */
  public Pace pace() {
    return Pace.of(measure, limit(), from, to, windowEnd);
  }
}
