package io.fuseline.stream.topology;

import java.util.concurrent.atomic.AtomicLong;

/**
 * When the processors of this instance were last at work; every task beats once a second while its
 * thread lives.
 */
public final class Heartbeat {
  private final AtomicLong last = new AtomicLong();

  void beat(long nowMillis) {
    last.accumulateAndGet(nowMillis, Math::max);
  }

  /** Wall-clock time of the last beat, epoch milliseconds; 0 before the first. */
  public long lastMillis() {
    return last.get();
  }
}
