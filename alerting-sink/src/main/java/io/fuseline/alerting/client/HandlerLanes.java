package io.fuseline.alerting.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs handlers: in order and one at a time within a lane, lanes beside each other. Threads are
 * started as they are needed, up to a limit, and go when they have been idle.
 */
final class HandlerLanes {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerLanes.class);

  /** Tasks that may wait in one lane; more than that means its handler hangs. */
  static final int LANE_CAPACITY = 256;

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);

  private final ThreadPoolExecutor threads;

  HandlerLanes(int maxThreads) {
    var number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            maxThreads,
            maxThreads,
            IDLE_THREAD_LIFE.toMillis(),
            TimeUnit.MILLISECONDS,
            // Holds one entry per lane at most, and what execute() was given.
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, "fuseline-handler-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  Lane newLane() {
    return new Lane();
  }

  /** Runs a short task beside the lanes, in no order; dropped when all is closed. */
  void execute(Runnable task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException closed) {
      LOG.debug("Closed; an acknowledgement is left out", closed);
    }
  }

  /** Takes no more tasks and waits for those at hand; what is not done in time is interrupted. */
  void close(Duration patience) {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Tasks of one watch. */
  final class Lane {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    private Lane() {}

    /** False when too many tasks wait already, or all is closed. */
    boolean offer(Runnable task) {
      synchronized (waiting) {
        if (waiting.size() >= LANE_CAPACITY || threads.isShutdown()) {
          return false;
        }
        waiting.add(task);
        if (running) {
          return true;
        }
        running = true;
      }
      return scheduleNext();
    }

    private boolean scheduleNext() {
      try {
        threads.execute(this::runOne);
        return true;
      } catch (RejectedExecutionException closed) {
        return false;
      }
    }

    // One at a time, then to the end of the queue: lanes that are busy do not starve the others.
    private void runOne() {
      Runnable task;
      synchronized (waiting) {
        task = waiting.remove();
      }
      try {
        task.run();
      } finally {
        boolean more;
        synchronized (waiting) {
          more = !waiting.isEmpty();
          running = more;
        }
        if (more) {
          scheduleNext();
        }
      }
    }
  }
}
