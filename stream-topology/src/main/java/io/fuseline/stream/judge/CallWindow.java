package io.fuseline.stream.judge;

import java.util.Arrays;

/**
 * The newest {@value #CALLS} tool calls of a run, as prints of 16 bits, and how much they look like
 * going round in circles. Fixed size.
 *
 * <p>The points are a CUSUM (Page, 1954) over what each call brings: the same call with the same
 * result as one in the window adds {@value #SAME}, the same call or the same result alone adds
 * {@value #HALF_SAME}, a call that brings something new takes {@value #NEW} away; never under 0. So
 * a loop gathers points also when other calls come in between, and work that moves on has none.
 *
 * <p>Two different calls have the same print once in 65,536 pairs.
 */
final class CallWindow {
  static final int CALLS = 64;

  static final int SAME = 3;
  static final int HALF_SAME = 1;
  static final int NEW = 2;

  /** Points do not grow over this, so that a run that has found its way is soon believed. */
  static final int MOST_POINTS = 1_000;

  /** Arguments are like when their similarity hashes differ in no more bits than this. */
  static final int LIKE_BITS = 3;

  /** Kinds of arguments that are known apart by likeness. */
  static final int KINDS = 8;

  /** Longest period of a near-cycle. */
  static final int MAX_PERIOD = 8;

  /** No window is longer than this. */
  static final int MAX_BYTES = 24 + CALLS * 6 + KINDS * (Long.BYTES + 4);

  private static final short UNKNOWN = 0;
  private static final int NEWEST_IS_ERROR = 1;
  private static final int KNOWS_LIKENESS = 2;

  private final short[] calls = new short[CALLS];
  private final short[] results = new short[CALLS];

  /** Prints of calls, where like ones have the same; null while none came with a likeness. */
  private short[] kinds;

  private int count;
  private int points;
  private int stale;
  private boolean newestIsError;

  private long[] kindLikeness;
  private short[] kindTool;
  private short[] kindPrint;
  private int kindCount;

  /** One more call has ended. */
  void add(SpanSigns signs) {
    short call = print(signs.call());
    short result = signs.result() == 0 ? UNKNOWN : print(signs.result());
    short kind = kind(signs, call);
    judge(kind, result);
    int slot = count % CALLS;
    calls[slot] = call;
    results[slot] = result;
    if (kinds != null) {
      kinds[slot] = kind;
    }
    count++;
    newestIsError = signs.error();
  }

  private void judge(short kind, short result) {
    boolean sameKind = false;
    boolean sameResult = false;
    boolean sameBoth = false;
    short[] known = kinds == null ? calls : kinds;
    for (int i = 0; i < Math.min(count, CALLS); i++) {
      boolean likes = known[i] == kind;
      boolean equals = result != UNKNOWN && results[i] == result;
      sameKind |= likes;
      sameResult |= equals;
      sameBoth |= likes && equals;
    }
    int change = sameBoth ? SAME : sameKind || sameResult ? HALF_SAME : -NEW;
    points = Math.min(MOST_POINTS, Math.max(0, points + change));
    if (result != UNKNOWN) {
      stale = sameResult ? Math.min(stale + 1, MOST_POINTS) : 0;
    }
  }

  /** The print of a call; that of the call it is like, if there is one. */
  private short kind(SpanSigns signs, short call) {
    if (signs.likeness() == null) {
      return call;
    }
    if (kinds == null) {
      kinds = calls.clone();
      kindLikeness = new long[KINDS];
      kindTool = new short[KINDS];
      kindPrint = new short[KINDS];
    }
    short tool = print(signs.tool());
    for (int i = 0; i < Math.min(kindCount, KINDS); i++) {
      if (kindTool[i] == tool && Long.bitCount(kindLikeness[i] ^ signs.likeness()) <= LIKE_BITS) {
        kindLikeness[i] = signs.likeness(); // arguments may move on a little with each call
        return kindPrint[i];
      }
    }
    int slot = kindCount % KINDS;
    kindCount++;
    kindLikeness[slot] = signs.likeness();
    kindTool[slot] = tool;
    kindPrint[slot] = call;
    return call;
  }

  /** Points as of the newest call. */
  int points() {
    return points;
  }

  /**
   * Calls like the newest one in tool and arguments among the newest {@code within}, itself one.
   */
  int sameCalls(int within) {
    int same = 0;
    for (int back = 0; back < reach(within); back++) {
      same += calls[slot(back)] == calls[slot(0)] ? 1 : 0;
    }
    return same;
  }

  /** Times two different calls took turns up to the newest one. */
  int turns(int within) {
    int back = 0;
    while (back + 2 < reach(within)
        && calls[slot(back)] == calls[slot(back + 2)]
        && calls[slot(back)] != calls[slot(back + 1)]) {
      back++;
    }
    return back == 0 ? 0 : (back + 2) / 2;
  }

  /** Times the newest call's error came among the newest {@code within}; 0 when it did not fail. */
  int sameErrors(int within) {
    if (!newestIsError || results[slot(0)] == UNKNOWN) {
      return 0;
    }
    int same = 0;
    for (int back = 0; back < reach(within); back++) {
      same += results[slot(back)] == results[slot(0)] ? 1 : 0;
    }
    return same;
  }

  /** Calls in a row whose tool had given the same result within the window before. */
  int callsWithoutNews() {
    return stale;
  }

  /** Most repeats of a cycle of like calls at the newest call; 1 when there is none. */
  int nearRepeats(int within) {
    int best = 1;
    short[] known = kinds == null ? calls : kinds;
    for (int period = 1; period <= MAX_PERIOD; period++) {
      int matches = 0;
      while (matches + period < reach(within)
          && isNear(known, slot(matches), slot(matches + period))) {
        matches++;
      }
      best = Math.max(best, matches / period + 1);
    }
    return best;
  }

  private boolean isNear(short[] known, int one, int other) {
    return known[one] == known[other] || results[one] != UNKNOWN && results[one] == results[other];
  }

  private int reach(int within) {
    return Math.min(within, Math.min(count, CALLS));
  }

  private int slot(int back) {
    return (count - 1 - back) % CALLS;
  }

  private static short print(long hash) {
    short print = (short) (hash >>> 48);
    return print == UNKNOWN ? 1 : print;
  }

  /** The same window, to go its own way. */
  CallWindow copy() {
    BinaryOut out = new BinaryOut(MAX_BYTES);
    write(out);
    return read(new BinaryIn(out.toBytes()));
  }

  void write(BinaryOut out) {
    out.varint(count);
    out.varint(points);
    out.varint(stale);
    out.raw((newestIsError ? NEWEST_IS_ERROR : 0) | (kinds != null ? KNOWS_LIKENESS : 0));
    int kept = Math.min(count, CALLS);
    write(out, calls, kept);
    write(out, results, kept);
    if (kinds != null) {
      write(out, kinds, kept);
      out.varint(kindCount);
      for (int i = 0; i < Math.min(kindCount, KINDS); i++) {
        out.fixed(kindLikeness[i]);
      }
      write(out, kindTool, Math.min(kindCount, KINDS));
      write(out, kindPrint, Math.min(kindCount, KINDS));
    }
  }

  static CallWindow read(BinaryIn in) {
    CallWindow window = new CallWindow();
    window.count = in.count();
    window.points = in.count();
    window.stale = in.count();
    int flags = in.raw();
    window.newestIsError = (flags & NEWEST_IS_ERROR) != 0;
    int kept = Math.min(window.count, CALLS);
    read(in, window.calls, kept);
    read(in, window.results, kept);
    if ((flags & KNOWS_LIKENESS) != 0) {
      window.kinds = Arrays.copyOf(window.calls, CALLS);
      read(in, window.kinds, kept);
      window.kindLikeness = new long[KINDS];
      window.kindTool = new short[KINDS];
      window.kindPrint = new short[KINDS];
      window.kindCount = in.count();
      for (int i = 0; i < Math.min(window.kindCount, KINDS); i++) {
        window.kindLikeness[i] = in.fixed();
      }
      read(in, window.kindTool, Math.min(window.kindCount, KINDS));
      read(in, window.kindPrint, Math.min(window.kindCount, KINDS));
    }
    return window;
  }

  private static void write(BinaryOut out, short[] prints, int kept) {
    for (int i = 0; i < kept; i++) {
      out.raw(prints[i] >>> 8 & 0xFF);
      out.raw(prints[i] & 0xFF);
    }
  }

  private static void read(BinaryIn in, short[] prints, int kept) {
    for (int i = 0; i < kept; i++) {
      prints[i] = (short) (in.raw() << 8 | in.raw());
    }
  }
}
