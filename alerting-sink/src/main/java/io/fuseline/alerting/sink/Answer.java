package io.fuseline.alerting.sink;

import java.time.Duration;

/**
 * How one attempt ended.
 *
 * @param mayChange whether the next attempt may end otherwise; of no meaning when delivered
 * @param ofEvent whether it is this event that cannot be delivered, and no fault of the destination
 * @param retryAfter what the receiver asked for, or null
 * @param what the answer in a few words, without secrets
 */
record Answer(
    boolean delivered, boolean mayChange, boolean ofEvent, Duration retryAfter, String what) {

  static Answer delivered(String what) {
    return new Answer(true, false, false, null, what);
  }

  /** Worth another attempt. */
  static Answer failed(String what) {
    return new Answer(false, true, false, null, what);
  }

  /** Final: the same would be answered again. */
  static Answer refused(String what) {
    return new Answer(false, false, false, null, what);
  }

  /** Final, since the event lacks what this destination needs. */
  static Answer unfit(String what) {
    return new Answer(false, false, true, null, what);
  }

  /** The same answer in other words. */
  Answer saying(String other) {
    return new Answer(delivered, mayChange, ofEvent, retryAfter, other);
  }
}
