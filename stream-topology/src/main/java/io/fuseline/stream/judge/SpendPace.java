package io.fuseline.stream.judge;

/**
 * How fast one agent spends, and how fast it usually does. Minutes in which it spent nothing are in
 * no baseline. Bounded size.
 *
 * <p>What five active minutes cost is taken as log-normal: the baseline is the mean of its
 * logarithm and the deviation from it, both with more weight on the newest {@value #MEMORY} active
 * minutes, and apart from that a difference per hour of the week (UTC) once the agent has worked in
 * that hour in {@value #HISTORY} weeks. A sample counts for at most twice the mean, so that a
 * runaway does not teach its own rate.
 *
 * <p>Drift is a one-sided CUSUM (Page, 1954) of standard deviations over the mean less an allowance
 * of one, a sample every {@value #BLOCK} active minutes. Logarithms are to the base of 2, in
 * 1024ths.
 */
final class SpendPace {
  /** Clock minutes that are kept. */
  static final int MINUTES = 10;

  /** Active minutes in one sample. */
  static final int BLOCK = 5;

  /** Active minutes before the baseline is believed. */
  static final int MATURE = 60;

  static final int MEMORY = 512;
  static final int HISTORY = 2;

  /** Deviations under this are not believed: a fixed load has none, but a little always changes. */
  static final int LEAST_DEVIATION = Octaves.ONE / 4;

  /** No single sample says more than this. */
  private static final int MOST_DEVIATIONS = 4 * 1024;

  /** Drift does not grow over this, so that it ends some hours after its cause. */
  private static final int MOST_DRIFT = 32 * 1024;

  private static final int FRACTION = 8;
  private static final int ALLOWANCE = 1024;
  private static final int HOURS_OF_WEEK = 168;
  private static final int MOST_DIFFERENCE = 2 * Octaves.ONE;
  private static final int MOST_WEEKS = 4;
  private static final long MINUTES_PER_HOUR = 60;

  /** 1970-01-01 was a Thursday; weeks begin on Monday. */
  private static final long HOURS_BEFORE_FIRST = 3 * 24;

  private static final long NONE = -1;

  private final long[] minutes = new long[MINUTES];
  private long newest = NONE;

  private final long[] active = new long[BLOCK];
  private int activeCount;

  /** With {@value #FRACTION} bits more, so that small differences are learned too. */
  private int mean;

  private long variance;
  private int samples;
  private int drift;

  /** How each hour of the week differs from the mean, and in how many weeks that was seen. */
  private final short[] differences = new short[HOURS_OF_WEEK];

  private final byte[] weeks = new byte[HOURS_OF_WEEK];
  private int hoursKnown;
  private long hour = NONE;
  private long hourResidual;
  private int hourSamples;

  /**
   * Adds what a span cost, or takes back what an earlier writing had.
   *
   * @param settling the agent was changed not long ago: what is usual is learned anew, fast, and
   *     twice as much is no drift
   */
  void add(long eventMicros, long pico, boolean settling) {
    long minute = Math.floorDiv(eventMicros, Times.MICROS_PER_MINUTE);
    if (newest == NONE) {
      newest = minute;
    }
    if (minute > newest) {
      endMinute(settling);
      for (long skipped = Math.max(newest + 1, minute - MINUTES + 1);
          skipped <= minute;
          skipped++) {
        minutes[slot(skipped)] = 0;
      }
      newest = minute;
    }
    if (minute > newest - MINUTES && minute >= 0) {
      minutes[slot(minute)] += pico;
    }
  }

  private void endMinute(boolean settling) {
    long spent = minutes[slot(newest)];
    if (spent <= 0) {
      return;
    }
    active[activeCount % BLOCK] = spent;
    activeCount = activeCount + 1 < 2 * BLOCK ? activeCount + 1 : BLOCK; // keeps the remainder
    if (activeCount >= BLOCK) {
      learn(Octaves.log2(blockSpend()), activeCount % BLOCK == 0, settling);
    }
  }

  /** What the newest active minutes cost. */
  long blockSpend() {
    long sum = 0;
    for (long spent : active) {
      sum += spent;
    }
    return sum;
  }

  private void learn(int log, boolean blockEnds, boolean settling) {
    int residual = log - expectedLog(newest);
    if (blockEnds && isKnown()) {
      int over = settling ? residual - Octaves.ONE : residual;
      drift = Math.min(MOST_DRIFT, Math.max(0, drift + deviations(over) - ALLOWANCE));
    }
    int counted = samples < BLOCK ? residual : Math.min(residual, Octaves.ONE);
    samples = Math.min(samples + 1, MEMORY);
    if (samples == 1) {
      mean += residual << FRACTION;
    } else {
      int weight = settling ? Math.min(samples, MATURE) : samples;
      mean += (counted << FRACTION) / weight;
      variance += ((long) counted * counted - variance) / weight;
    }
    learnHour(counted);
  }

  private void learnHour(int residual) {
    long now = Math.floorDiv(newest, MINUTES_PER_HOUR);
    if (now != hour) {
      if (hourSamples >= BLOCK) {
        endHour();
      }
      hour = now;
      hourResidual = 0;
      hourSamples = 0;
    }
    hourResidual += residual;
    hourSamples++;
  }

  private void endHour() {
    int which = hourOfWeek(hour);
    hoursKnown += weeks[which] == 0 ? 1 : 0;
    // The residual was against the difference only if that was in use.
    int seen = (int) (hourResidual / hourSamples) + difference(which);
    weeks[which] = (byte) Math.min(weeks[which] + 1, MOST_WEEKS);
    int learned = differences[which] + (seen - differences[which]) / weeks[which];
    differences[which] = (short) Math.max(-MOST_DIFFERENCE, Math.min(MOST_DIFFERENCE, learned));
  }

  /** What is to be expected of an hour of the week over the mean. */
  private int difference(int which) {
    return weeks[which] < HISTORY ? 0 : differences[which];
  }

  private static int hourOfWeek(long hour) {
    return (int) Math.floorMod(hour + HOURS_BEFORE_FIRST, (long) HOURS_OF_WEEK);
  }

  private int expectedLog(long minute) {
    int which = hourOfWeek(Math.floorDiv(minute, MINUTES_PER_HOUR));
    return (mean >> FRACTION) + difference(which);
  }

  private int deviations(int residual) {
    return Math.min(MOST_DEVIATIONS, residual * 1024 / deviation());
  }

  /** Usual deviation from the mean, in 1024ths of an octave. */
  int deviation() {
    return (int) Math.max(LEAST_DEVIATION, Octaves.isqrt(variance));
  }

  /** True when the baseline is believed. */
  boolean isKnown() {
    return samples >= MATURE;
  }

  /**
   * What the agent has spent in the {@code window} newest clock minutes, the current one included.
   */
  long spentIn(int window) {
    long sum = 0;
    for (long minute = newest - Math.min(window, MINUTES) + 1; minute <= newest; minute++) {
      sum += minute < 0 ? 0 : minutes[slot(minute)];
    }
    return sum;
  }

  /** The newest minute with a span, minutes since the epoch. */
  long newestMinute() {
    return newest;
  }

  /** Median of what a window of active minutes costs now, in pico-units; 0 when not known yet. */
  long usual(int window) {
    return isKnown() ? Octaves.exp2(expectedLog(newest)) / BLOCK * window : 0;
  }

  /**
   * What a window of active minutes costs at most, in pico-units; 0 when not known yet.
   *
   * @param deviations over the mean, in 1024ths
   */
  long usualAtMost(int window, int deviations) {
    if (!isKnown()) {
      return 0;
    }
    long log = expectedLog(newest) + (long) deviations * deviation() / 1024;
    return Octaves.exp2(log) / BLOCK * window;
  }

  /** Standard deviations gathered over the allowance, whole ones. */
  int drift() {
    return drift / 1024;
  }

  private static int slot(long minute) {
    return (int) Math.floorMod(minute, (long) MINUTES);
  }

  void write(BinaryOut out) {
    out.zigzag(newest);
    for (long spent : minutes) {
      out.zigzag(spent);
    }
    for (long spent : active) {
      out.varint(spent);
    }
    out.varint(activeCount);
    out.zigzag(mean);
    out.varint(variance);
    out.varint(samples);
    out.varint(drift);
    out.varint(hoursKnown);
    for (int i = 0; i < HOURS_OF_WEEK; i++) {
      if (weeks[i] > 0) {
        out.raw(i);
        out.zigzag(differences[i]);
        out.raw(weeks[i]);
      }
    }
    out.zigzag(hour);
    out.zigzag(hourResidual);
    out.varint(hourSamples);
  }

  static SpendPace read(BinaryIn in) {
    SpendPace pace = new SpendPace();
    pace.newest = in.zigzag();
    for (int i = 0; i < MINUTES; i++) {
      pace.minutes[i] = in.zigzag();
    }
    for (int i = 0; i < BLOCK; i++) {
      pace.active[i] = in.varint();
    }
    pace.activeCount = in.count();
    pace.mean = (int) in.zigzag();
    pace.variance = in.varint();
    pace.samples = in.count();
    pace.drift = in.count();
    pace.hoursKnown = in.count();
    for (int i = 0; i < pace.hoursKnown; i++) {
      int which = in.raw();
      pace.differences[which] = (short) in.zigzag();
      pace.weeks[which] = (byte) in.raw();
    }
    pace.hour = in.zigzag();
    pace.hourResidual = in.zigzag();
    pace.hourSamples = in.count();
    return pace;
  }
}
