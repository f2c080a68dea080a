package io.fuseline.stream.admission;

import io.fuseline.schemas.Caps;
import java.util.List;
import java.util.TreeSet;

/**
 * Limits of a throttled call, as those of a THROTTLE command; null means no such limit.
 *
 * @param maxTokens most tokens per model call
 * @param maxStepsRemaining steps the run may still take
 * @param cooldownMs least time between two calls
 */
public record CallCaps(
    Long maxTokens,
    Long maxStepsRemaining,
    List<String> toolAllowlist,
    List<String> toolDenylist,
    Long cooldownMs) {
  static final CallCaps NONE = new CallCaps(null, null, null, null, null);

  static CallCaps of(Caps caps) {
    return caps == null
        ? NONE
        : new CallCaps(
            caps.getMaxTokens(),
            caps.getMaxStepsRemaining(),
            caps.getToolAllowlist(),
            caps.getToolDenylist(),
            caps.getCooldownMs());
  }

  /** True when the caps let the tool be called; null is no tool. */
  boolean allow(String tool) {
    return tool == null
        || (toolAllowlist == null || toolAllowlist.contains(tool))
            && (toolDenylist == null || !toolDenylist.contains(tool));
  }

  /** Both at once. */
  CallCaps and(CallCaps other) {
    return new CallCaps(
        least(maxTokens, other.maxTokens),
        least(maxStepsRemaining, other.maxStepsRemaining),
        both(toolAllowlist, other.toolAllowlist),
        either(toolDenylist, other.toolDenylist),
        cooldownMs == null || other.cooldownMs == null
            ? cooldownMs == null ? other.cooldownMs : cooldownMs
            : Long.valueOf(Math.max(cooldownMs, other.cooldownMs)));
  }

  private static Long least(Long one, Long other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return Math.min(one, other);
  }

  private static List<String> both(List<String> one, List<String> other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.stream().filter(other::contains).toList();
  }

  private static List<String> either(List<String> one, List<String> other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    TreeSet<String> all = new TreeSet<>(one);
    all.addAll(other);
    return List.copyOf(all);
  }
}
