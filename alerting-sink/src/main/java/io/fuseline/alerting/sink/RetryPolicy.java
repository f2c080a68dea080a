package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often, and after what wait, a failed delivery is tried again: the wait doubles from {@code
 * firstDelay} up to {@code maxDelay}; of it, the later half is random, so that receivers which come
 * back are not met by all at once.
 *
 * @param maxAttempts attempts in all, 1 or more
 * @param firstDelay longest wait before the second attempt, more than zero
 * @param maxDelay longest wait of all, at least {@code firstDelay}; also bounds what a receiver may
 *     ask for with Retry-After
 */
public record RetryPolicy(int maxAttempts, Duration firstDelay, Duration maxDelay) {

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
    var longest = first > ceiling >> doublings ? ceiling : first << doublings;
    var delay = Duration.ofNanos(longest / 2 + random.nextLong(longest / 2 + 1));
    if (asked == null || asked.compareTo(delay) < 0) {
      return delay;
    }
    return asked.compareTo(maxDelay) > 0 ? maxDelay : asked;
  }
}
