package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Records of one partition that are under way, in the order of their offsets. Where the next start
 * has to begin is before the first that is not done. Safe for use by many threads.
 */
final class InFlight {
  private final Deque<Parcel> parcels = new ArrayDeque<>();
  private final Set<Thread> carriers = new HashSet<>();
  private boolean stopped;
  private long next = -1;

  /** One record under way. */
  static final class Parcel {
    private final long offset;
    private boolean done;

    Parcel(long offset) {
      this.offset = offset;
    }
  }

  synchronized Parcel add(long offset) {
    var parcel = new Parcel(offset);
    parcels.add(parcel);
    if (next < 0) {
      next = offset;
    }
    return parcel;
  }

  /** Whether the calling thread may carry now; it is interrupted when that ends. */
  synchronized boolean begin() {
    if (stopped) {
      return false;
    }
    carriers.add(Thread.currentThread());
    return true;
  }

  synchronized void end(Parcel parcel, boolean done) {
    parcel.done = done;
    carriers.remove(Thread.currentThread());
    // An interrupt that came too late must not meet the thread's next task.
    Thread.interrupted();
    while (!parcels.isEmpty() && parcels.element().done) {
      next = parcels.remove().offset + 1;
    }
    notifyAll();
  }

  /** Offset to go on from; below zero when nothing was ever under way. */
  synchronized long next() {
    return next;
  }

  synchronized int size() {
    return parcels.size();
  }

  /** Lets go of what is under way. */
  synchronized void stop() {
    stopped = true;
    carriers.forEach(Thread::interrupt);
  }

  /**
   * Waits until nobody carries any more.
   *
   * @return false when that takes too long
   */
  synchronized boolean awaitEnd(Duration patience) throws InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    while (!carriers.isEmpty()) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
