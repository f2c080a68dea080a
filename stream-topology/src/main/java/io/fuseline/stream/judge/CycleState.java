package io.fuseline.stream.judge;

import java.util.ArrayList;
import java.util.List;

/**
 * Recognises exact cycles in the sequence of one run's tool calls, in fixed size. A call's
 * signature is tool, arguments and result. For each period {@code p} it counts how many calls in a
 * row equalled the one {@code p} calls before; a cycle of period {@code p} has then been seen
 * {@code count / p + 1} times.
 *
 * <p>A call whose result is unknown proves less: a cycle with such a call in it needs twice the
 * repeats.
 */
final class CycleState {
  /** Longest period that is recognised. */
  static final int MAX_PERIOD = 8;

  /** Longest span id that is kept whole, in bytes of UTF-8. */
  static final int MAX_ID_BYTES = 64;

  /** No state is longer than this. */
  static final int MAX_BYTES = 60 + MAX_PERIOD * (Long.BYTES + 1 + MAX_ID_BYTES);

  private final long[] signatures = new long[MAX_PERIOD];
  private final String[] spanIds = new String[MAX_PERIOD];
  private final int[] matches = new int[MAX_PERIOD + 1];
  private int calls;
  private int sinceUnknown = Integer.MAX_VALUE;

  /** One more tool call has ended. */
  void add(long signature, boolean resultKnown, String spanId) {
    for (int period = 1; period <= MAX_PERIOD; period++) {
      boolean same = calls >= period && signatures[slot(calls - period)] == signature;
      matches[period] = same ? matches[period] + 1 : 0;
    }
    signatures[slot(calls)] = signature;
    spanIds[slot(calls)] = Utf8.cut(spanId, MAX_ID_BYTES);
    calls++;
    if (!resultKnown) {
      sinceUnknown = 0;
    } else if (sinceUnknown < Integer.MAX_VALUE) {
      sinceUnknown++;
    }
  }

  /**
   * The shortest period, up to {@code maxPeriod}, with the most proven repeats at the newest call.
   */
  Repeats strongest(int maxPeriod) {
    Repeats best = Repeats.NONE;
    for (int period = 1; period <= Math.min(maxPeriod, MAX_PERIOD); period++) {
      int seen = matches[period] / period + 1;
      boolean proven = sinceUnknown >= period * seen;
      Repeats repeats = new Repeats(period, seen, proven);
      if (matches[period] > 0 && repeats.count() > best.count()) {
        best = repeats;
      }
    }
    return best;
  }

  /** The newest calls, at most {@value #MAX_PERIOD}, oldest first. */
  List<String> newestSpanIds(int limit) {
    List<String> ids = new ArrayList<>();
    for (int i = Math.max(0, calls - Math.min(limit, MAX_PERIOD)); i < calls; i++) {
      ids.add(spanIds[slot(i)]);
    }
    return ids;
  }

  private static int slot(int call) {
    return call % MAX_PERIOD;
  }

  /**
   * @param period length of the cycle in calls; 0 when there is none
   * @param seen how many times the cycle was seen
   * @param proven every result in it is known
   */
  record Repeats(int period, int seen, boolean proven) {
    static final Repeats NONE = new Repeats(0, 1, true);

    /** How many times it counts as seen: half when not proven by results. */
    int count() {
      return proven ? seen : seen / 2;
    }
  }

  void write(BinaryOut out) {
    out.varint(calls);
    out.varint(sinceUnknown);
    for (int period = 1; period <= MAX_PERIOD; period++) {
      out.varint(matches[period]);
    }
    for (int i = 0; i < Math.min(calls, MAX_PERIOD); i++) {
      out.fixed(signatures[i]);
      out.text(spanIds[i]);
    }
  }

  static CycleState read(BinaryIn in) {
    CycleState state = new CycleState();
    state.calls = in.count();
    state.sinceUnknown = in.count();
    for (int period = 1; period <= MAX_PERIOD; period++) {
      state.matches[period] = in.count();
    }
    for (int i = 0; i < Math.min(state.calls, MAX_PERIOD); i++) {
      state.signatures[i] = in.fixed();
      state.spanIds[i] = in.text();
    }
    return state;
  }
}
