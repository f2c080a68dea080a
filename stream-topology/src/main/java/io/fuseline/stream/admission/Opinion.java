package io.fuseline.stream.admission;

import io.fuseline.schemas.TargetType;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a call, and why. Money in pico-units, times in epoch microseconds.
 *
 * @param cause what led to it; null for ALLOW
 * @param caps of a THROTTLE; else null
 * @param binding the budget of money with the least headroom; null when none holds
 * @param lease what may be spent until {@code expiresAt}, the call at hand included; 0 for none
 * @param expiresAt 0 without a lease
 * @param control whether the pipeline sees what happens
 */
public record Opinion(
    Decision decision,
    Cause cause,
    CallCaps caps,
    Binding binding,
    long lease,
    long expiresAt,
    Sight.Control control) {

  /**
   * What a decision rests on.
   *
   * @param reason one sentence
   * @param policyId null when it is not known any more
   * @param commandId command that stands; null when a budget would be reached
   * @param exhausted the budget that would be reached; null when a command stands
   * @param retryAfterMicros when asking again may help although nothing ends: promises to others
   *     come back; 0 when it will not
   */
  public record Cause(
      String reason,
      TargetType scopeType,
      String scope,
      String policyId,
      String policyVersion,
      String commandId,
      Binding exhausted,
      long retryAfterMicros) {}

  /**
   * How a budget stands.
   *
   * @param unit ISO 4217 currency when it is of money, else what it counts
   * @param money true when amounts are pico-units
   * @param spend what the books say, with what is known to be on its way there
   * @param limit the rung at which it stops, or that would be reached, raises included
   * @param stops false when it only watches, and the limit is 100 %
   * @param reserved what is promised to calls under way and to leases
   * @param reset when it begins anew; {@link Long#MAX_VALUE} for never
   */
  public record Binding(
      TargetType scopeType,
      String scope,
      String policyId,
      String unit,
      boolean money,
      long spend,
      long limit,
      boolean stops,
      long reserved,
      long reset) {

    /** What is left; not under 0. */
    public long headroom() {
      long left = limit - spend; // neither is negative where it matters
      return left <= reserved ? 0 : left - reserved;
    }
  }

  /** What all of them say together: the strictest decision, the least lease, all caps. */
  public static Opinion together(List<Opinion> all) {
    Opinion strictest = all.get(0);
    Binding binding = null;
    CallCaps caps = null;
    Sight.Control control = Sight.Control.OK;
    long lease = Long.MAX_VALUE;
    long expiresAt = Long.MAX_VALUE;
    for (Opinion one : new ArrayList<>(all)) {
      if (one.decision.compareTo(strictest.decision) > 0) {
        strictest = one;
      }
      if (binding == null || one.binding != null && one.binding.headroom() < binding.headroom()) {
        binding = one.binding == null ? binding : one.binding;
      }
      if (one.caps != null) {
        caps = caps == null ? one.caps : caps.and(one.caps);
      }
      control = one.control.compareTo(control) > 0 ? one.control : control;
      lease = Math.min(lease, one.lease);
      expiresAt = Math.min(expiresAt, one.expiresAt);
    }
    boolean allowed = strictest.decision.compareTo(Decision.THROTTLE) <= 0;
    return new Opinion(
        strictest.decision,
        strictest.cause,
        strictest.decision == Decision.THROTTLE ? caps : null,
        binding,
        allowed ? lease : 0,
        allowed && lease > 0 ? expiresAt : 0,
        control);
  }
}
