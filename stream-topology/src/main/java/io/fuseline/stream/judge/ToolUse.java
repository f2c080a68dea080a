package io.fuseline.stream.judge;

/**
 * How one agent uses one tool within a run: what it cost, and how many calls each of the newest
 * minutes saw. Fixed size.
 */
final class ToolUse {
  /** Minutes that are kept. */
  static final int MINUTES = 10;

  private static final long NONE = -1;

  final Amount cost = new Amount();
  long calls;
  private long newestMinute = NONE;
  private final int[] counts = new int[MINUTES];

  /**
   * Counts a call in its minute; a call older than the kept minutes is not counted.
   *
   * @return calls of the minute that has just ended by this call's minute being newer; 0 when none
   *     has
   */
  int addCall(long minute) {
    int ended = 0;
    if (newestMinute == NONE) {
      newestMinute = minute;
    } else if (minute > newestMinute) {
      ended = counts[slot(newestMinute)];
      for (long skipped = Math.max(newestMinute + 1, minute - MINUTES + 1);
          skipped <= minute;
          skipped++) {
        counts[slot(skipped)] = 0;
      }
      newestMinute = minute;
    }
    if (minute > newestMinute - MINUTES) {
      counts[slot(minute)]++;
    }
    return ended;
  }

  /** Calls in the {@code minutes} newest minutes up to and including {@code minute}. */
  long callsInWindow(long minute, int minutes) {
    long sum = 0;
    for (long m = Math.max(minute - minutes + 1, newestMinute - MINUTES + 1);
        m <= Math.min(minute, newestMinute);
        m++) {
      sum += m < 0 ? 0 : counts[slot(m)];
    }
    return sum;
  }

  private static int slot(long minute) {
    return (int) (minute % MINUTES);
  }

  void write(BinaryOut out) {
    cost.write(out);
    out.varint(calls);
    out.zigzag(newestMinute);
    for (int count : counts) {
      out.varint(count);
    }
  }

  static ToolUse read(BinaryIn in) {
    ToolUse use = new ToolUse();
    use.cost.add(Amount.read(in));
    use.calls = in.varint();
    use.newestMinute = in.zigzag();
    for (int i = 0; i < MINUTES; i++) {
      use.counts[i] = in.count();
    }
    return use;
  }
}
