package io.fuseline.alerting.sink;

import java.time.Instant;
import java.util.Locale;

/**
 * What became of an event at a destination.
 *
 * @param attempts how often it was tried; 0 when skipped
 * @param firstAttemptAt null when skipped
 * @param detail the last answer in a few words
 */
record Outcome(
    Result result, int attempts, Instant firstAttemptAt, Instant endedAt, String detail) {

  /** How it ended. */
  enum Result {
    DELIVERED,
    /** Refused, or failed too often. */
    GIVEN_UP,
    /** Not tried, since the destination is disabled. */
    SKIPPED;

    String written() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  boolean isDelivered() {
    return result == Result.DELIVERED;
  }
}
