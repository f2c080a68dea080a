package io.fuseline.stream.topology;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.TaskId;

/**
 * When the processors of this instance were last at work, and how new what they have seen is; every
 * task beats once a second while its thread lives. Times are epoch milliseconds.
 */
public final class Heartbeat {
  private final AtomicLong last = new AtomicLong();
  private final ConcurrentMap<TaskId, Pulse> tasks = new ConcurrentHashMap<>();

  /** That of one task. */
  final class Pulse {
    private final AtomicLong beatAt = new AtomicLong();
    private final AtomicLong saw = new AtomicLong();

    void beat(long nowMillis) {
      beatAt.set(nowMillis);
      last.accumulateAndGet(nowMillis, Math::max);
    }

    /** A record of this time has been read; cheap, since it is told of each. */
    void saw(long timestampMillis) {
      saw.lazySet(timestampMillis);
    }
  }

  /** A task begins its work. */
  Pulse begin(TaskId task, long nowMillis) {
    Pulse pulse = new Pulse();
    pulse.beatAt.set(nowMillis);
    tasks.put(task, pulse);
    return pulse;
  }

  /** It ends, or goes elsewhere. */
  void end(TaskId task, Pulse pulse) {
    tasks.remove(task, pulse);
  }

  /** Time of the last beat; 0 before the first. */
  public long lastMillis() {
    return last.get();
  }

  /** Last beat of the task that has been silent for longest; {@link Long#MAX_VALUE} for none. */
  long oldestMillis() {
    long oldest = Long.MAX_VALUE;
    for (Pulse pulse : tasks.values()) {
      oldest = Math.min(oldest, pulse.beatAt.get());
    }
    return oldest;
  }

  /** Time of the record that a task has read last; 0 when it has read none. */
  long sawMillis(TaskId task) {
    Pulse pulse = tasks.get(task);
    return pulse == null ? 0 : pulse.saw.get();
  }
}
