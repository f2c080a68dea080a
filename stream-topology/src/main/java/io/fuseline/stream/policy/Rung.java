package io.fuseline.stream.policy;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Severity;
import java.time.Duration;

/**
 * One step of a ladder: what happens when the measure reaches a threshold.
 *
 * @param at the threshold as written, such as {@code 80%}, {@code 10x} or {@code 3}
 * @param threshold the same in the rule's measure
 * @param within only when the rung before was reached no longer ago than this; null for no such
 *     condition
 * @param action what is asked of the target
 * @param severity how loud the alert is
 * @param caps limits that a THROTTLE sets; null for other actions
 * @param falling while the episode stands at this rung it closes under this measure; null for the
 *     rule's own
 * @param cooldown the episode does not close by its measure sooner than this after the rung was
 *     reached; null for at once
 * @param renotify while the episode stands at this rung people are told again this often; null for
 *     never
 * @param approvalTimeout of REQUIRE_APPROVAL: what nobody has approved after this long is denied;
 *     null for never
 * @param denied what is sent to a target whose approval was denied: PAUSE or KILL
 * @param approvers how many different people it takes to let a target go on; at least 1
 */
public record Rung(
    String at,
    long threshold,
    Duration within,
    Action action,
    Severity severity,
    Caps caps,
    Long falling,
    Duration cooldown,
    Duration renotify,
    Duration approvalTimeout,
    Action denied,
    int approvers) {

  /** What one person approves, whenever it may be. */
  public Rung(
      String at,
      long threshold,
      Duration within,
      Action action,
      Severity severity,
      Caps caps,
      Long falling,
      Duration cooldown,
      Duration renotify) {
    this(
        at,
        threshold,
        within,
        action,
        severity,
        caps,
        falling,
        cooldown,
        renotify,
        null,
        Action.PAUSE,
        1);
  }

  /** Without hysteresis of its own, cool-down and reminders. */
  public Rung(
      String at, long threshold, Duration within, Action action, Severity severity, Caps caps) {
    this(at, threshold, within, action, severity, caps, null, null, null);
  }
}
