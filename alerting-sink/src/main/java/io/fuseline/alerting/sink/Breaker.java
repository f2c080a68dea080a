package io.fuseline.alerting.sink;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Disables a destination after too many failures in a row, and lets one event at a time through now
 * and then to see whether it works again. Safe for use by many threads.
 */
final class Breaker {
  static final int FAILURES = 10;
  static final Duration REST = Duration.ofMinutes(1);

  private final int failures;
  private final Duration rest;
  private final Clock clock;
  private int inARow;
  private Instant disabledAt;
  private Instant nextTrial;

  /** What an outcome has changed. */
  enum Change {
    NONE,
    DISABLED,
    ENABLED
  }

  /** How an event may be delivered. */
  enum Leave {
    /** With all attempts. */
    YES,
    /** With one attempt, as a trial. */
    ONCE,
    NO
  }

  /**
   * @param failures in a row that disable
   * @param rest between two trials of a disabled destination
   */
  Breaker(int failures, Duration rest, Clock clock) {
    this.failures = failures;
    this.rest = rest;
    this.clock = clock;
  }

  synchronized Leave leave() {
    if (disabledAt == null) {
      return Leave.YES;
    }
    if (clock.instant().isBefore(nextTrial)) {
      return Leave.NO;
    }
    nextTrial = clock.instant().plus(rest);
    return Leave.ONCE;
  }

  synchronized Change succeeded() {
    inARow = 0;
    if (disabledAt == null) {
      return Change.NONE;
    }
    disabledAt = null;
    return Change.ENABLED;
  }

  synchronized Change failed() {
    inARow++;
    if (disabledAt != null || inARow < failures) {
      return Change.NONE;
    }
    disabledAt = clock.instant();
    nextTrial = disabledAt.plus(rest);
    return Change.DISABLED;
  }

  /** Since when it is disabled; null when it is not. */
  synchronized Instant disabledAt() {
    return disabledAt;
  }
}
