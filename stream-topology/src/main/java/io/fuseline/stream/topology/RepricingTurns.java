package io.fuseline.stream.topology;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Shares out the time in which kept spans are priced again, so that new spans do not wait for it: a
 * thread gives a fifth of its time at most, in slices of {@value #SLICE_MILLIS} ms, to its tasks in
 * turn. How often tasks ask does not matter.
 */
final class RepricingTurns {
  /** A span waits this long at most, and for the few kept spans at hand. */
  private static final long SLICE_MILLIS = 20;

  /** After a slice, spans alone have the thread for this many times as long. */
  private static final int REST = 4;

  private final LongSupplier nanos;
  private final ThreadLocal<Turn> turns = ThreadLocal.withInitial(Turn::new);

  /**
   * @param nanos a clock that runs on within one call of a processor, as {@code
   *     ProcessorContext#currentSystemTimeMs} does not
   */
  RepricingTurns(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Of one thread: who waits, in order, and until when all rest. */
  private static final class Turn {
    private final LinkedHashSet<TaskId> waiting = new LinkedHashSet<>();
    private boolean resting;
    private long restsUntil;
  }

  /** The time that one task was given. */
  final class Slice {
    private final Turn turn;
    private final long begin = nanos.getAsLong();

    private Slice(Turn turn) {
      this.turn = turn;
    }

    /** False when the time is up. */
    boolean goesOn() {
      return nanos.getAsLong() - begin < Duration.ofMillis(SLICE_MILLIS).toNanos();
    }

    void end() {
      long now = nanos.getAsLong();
      turn.resting = true;
      turn.restsUntil = now + REST * (now - begin);
    }
  }

  /**
   * Asks for a slice, on the task's own thread.
   *
   * @return null when it is another task's turn, or time to rest
   */
  Slice ask(TaskId task) {
    Turn turn = turns.get();
    turn.waiting.add(task);
    if (turn.resting && nanos.getAsLong() - turn.restsUntil < 0) {
      return null;
    }
    if (!turn.waiting.iterator().next().equals(task)) {
      return null;
    }
    turn.waiting.remove(task);
    turn.waiting.add(task);
    return new Slice(turn);
  }

  /** The task has nothing to do any more, or leaves the thread. */
  void leave(TaskId task) {
    turns.get().waiting.remove(task);
  }
}
