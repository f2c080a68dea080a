package io.fuseline.stream.topology;

/**
 * Tells one bad record from a schema break: so many dead letters in so short a time are not the
 * records' fault, and the application stops rather than throwing its input away.
 */
final class DeadLetterGuard {
  private final int most;
  private final long windowMillis;
  private long windowStart;
  private int count;

  DeadLetterGuard(int most, long windowMillis) {
    this.most = most;
    this.windowMillis = windowMillis;
  }

  /** Counts one; false when there were too many. */
  synchronized boolean permits(long nowMillis) {
    if (nowMillis - windowStart >= windowMillis) {
      windowStart = nowMillis;
      count = 0;
    }
    return ++count <= most;
  }
}
