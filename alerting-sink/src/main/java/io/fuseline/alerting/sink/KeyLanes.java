package io.fuseline.alerting.sink;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks of one key one after the other, those of different keys beside each other. */
final class KeyLanes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyLanes.class);

  private final Map<Object, Queue<Runnable>> lanes = new HashMap<>();
  private final ExecutorService threads;

  /**
   * @param width tasks that run at the same time, at most
   */
  KeyLanes(String name, int width) {
    threads =
        Executors.newFixedThreadPool(
            width,
            task -> {
              var thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  synchronized void add(Object key, Runnable task) {
    var lane = lanes.computeIfAbsent(key, none -> new ArrayDeque<>());
    lane.add(task);
    if (lane.size() == 1) {
      threads.execute(() -> runFirst(key));
    }
  }

  private void runFirst(Object key) {
    Runnable task;
    synchronized (this) {
      task = lanes.get(key).element();
    }
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("A task failed; those behind it go on", e);
    } finally {
      moveOn(key);
    }
  }

  private synchronized void moveOn(Object key) {
    var lane = lanes.get(key);
    lane.remove();
    if (lane.isEmpty()) {
      lanes.remove(key);
    } else if (!threads.isShutdown()) {
      threads.execute(() -> runFirst(key));
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
