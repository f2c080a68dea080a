package io.fuseline.deploy.replay;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Event time as the clock: stands still between spans, and on its way to the next span stops at
 * each deadline. Times are epoch microseconds.
 */
final class EventClock {
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>(
          Comparator.comparingLong(Deadline::micros).thenComparingLong(Deadline::ordinal));

  private long now;
  private long ordinal;

  /**
   * @param ordinal deadlines of one time are met in the order in which they were set
   */
  private record Deadline(long micros, long ordinal, Runnable look) {}

  long now() {
    return now;
  }

  /** Has {@code look} called when the clock reaches the time. */
  void at(long micros, Runnable look) {
    deadlines.add(new Deadline(micros, ordinal++, look));
  }

  void advanceTo(long micros) {
    while (!deadlines.isEmpty() && deadlines.element().micros() <= micros) {
      Deadline due = deadlines.remove();
      now = Math.max(now, due.micros());
      due.look().run();
    }
    now = Math.max(now, micros);
  }
}
