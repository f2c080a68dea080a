package io.fuseline.stream.http;

import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Asks again while partitions move: at once, then after 50 ms, 100 ms, … 800 ms, until an answer
 * comes or the time is spent. Only so many callers may wait at a time: when a rebalance meets a
 * busy page, the server's threads must stay free for health checks, or a supervisor would take the
 * instance for dead and lengthen the rebalance.
 */
final class Patience {
  /** An eighth of the server's threads. */
  private static final int MOST_WAITING = 32;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(800);

  private final long budgetNanos;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  Patience(Duration budget) {
    this.budgetNanos = budget.toNanos();
  }

  /**
   * @throws StoreUnavailable the last one seen, when the time is spent or too many wait already
   */
  <T> T ask(Supplier<T> question) {
    long askedAt = System.nanoTime();
    try {
      return question.get();
    } catch (StoreUnavailable moving) {
      if (budgetNanos == 0 || !waiting.tryAcquire()) {
        throw moving;
      }
      try {
        return askAgain(question, askedAt, moving);
      } finally {
        waiting.release();
      }
    }
  }

  private <T> T askAgain(Supplier<T> question, long askedAt, StoreUnavailable first) {
    StoreUnavailable last = first;
    Duration pause = FIRST_PAUSE;
    while (System.nanoTime() - askedAt + pause.toNanos() <= budgetNanos) {
      sleep(pause, last);
      try {
        return question.get();
      } catch (StoreUnavailable moving) {
        last = moving;
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      }
    }
    throw last;
  }

  private static void sleep(Duration pause, StoreUnavailable last) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw last;
    }
  }
}
