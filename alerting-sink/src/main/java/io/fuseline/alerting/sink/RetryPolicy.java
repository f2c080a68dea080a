package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often, and after what wait, a failed delivery is tried again: the wait doubles from {@code
 * firstDelay} up to {@code maxDelay}. Up to a tenth is added by chance, so that receivers which
 * come back are not met by all at once.
 *
 * @param maxAttempts attempts in all, 1 or more
 * @param firstDelay wait before the second attempt, more than zero
 * @param maxDelay longest wait, at least {@code firstDelay}; a receiver may ask for more with
 *     Retry-After, up to {@link #LONGEST_ASKED}
 */
public record RetryPolicy(int maxAttempts, Duration firstDelay, Duration maxDelay) {
  /** Waits of 1, 2, 4, 8 and 16 seconds. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(6, Duration.ofSeconds(1), Duration.ofSeconds(16));

  /** Longest wait a receiver is granted; a day would be as good as a refusal. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(2);

  private static final int JITTER_PART = 10;

  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts is " + maxAttempts + ", expected 1 or more");
    }
    if (firstDelay.isNegative() || firstDelay.isZero()) {
      throw new IllegalArgumentException("firstDelay is " + firstDelay + ", expected above zero");
    }
    if (maxDelay.compareTo(firstDelay) < 0) {
      throw new IllegalArgumentException(
          "maxDelay is " + maxDelay + ", expected at least firstDelay (" + firstDelay + ")");
    }
  }

  /**
   * @param failedAttempt number of the attempt that failed, from 1
   * @param asked what the receiver asked for; null when it did not
   */
  Duration delayAfter(int failedAttempt, Duration asked, RandomGenerator random) {
    var ceiling = maxDelay.toNanos();
    var doublings = Math.min(failedAttempt - 1, 62);
    var first = firstDelay.toNanos();
    var wait = first > ceiling >> doublings ? ceiling : first << doublings;
    var delay = Duration.ofNanos(wait + random.nextLong(wait / JITTER_PART + 1));
    if (asked == null || asked.compareTo(delay) < 0) {
      return delay;
    }
    return asked.compareTo(LONGEST_ASKED) > 0 ? longer(delay, LONGEST_ASKED) : asked;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
