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
 * @param caps limits that a THROTTLE sets; null for other actions
 */
public record Rung(
    String at, long threshold, Duration within, Action action, Severity severity, Caps caps) {}
