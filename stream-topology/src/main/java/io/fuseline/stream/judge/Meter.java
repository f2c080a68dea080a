package io.fuseline.stream.judge;

import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.policy.Window;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a scope has spent and used in the current window of a budget, for windows that are not kept
 * anyway. Filled from the ledger when a budget first asks for it, so that neither editing a budget
 * nor taking it away and back resets anything. Bounded: a rolling window has at most 169 parts.
 */
final class Meter {
  private static final long NONE = Long.MIN_VALUE;

  /** First instant of the calendar window, or of the newest part of a rolling one. */
  private long start = NONE;

  private Cell sum = new Cell();

  /** Parts of a rolling window by their first instant. */
  private final TreeMap<Long, Cell> parts = new TreeMap<>();

  /** The wall clock has ended the calendar window: its budgets are settled. */
  boolean settled;

  Cell sum() {
    return sum;
  }

  /** First instant of what is added up now. */
  long from() {
    return parts.isEmpty() ? start : parts.firstKey();
  }

  /** True when the window of an instant has passed. */
  boolean isPast(Window window, long micros) {
    return window.isRolling()
        ? start != NONE && micros <= start - window.lengthMicros()
        : settled || window.start(micros) < start;
  }

  /** True when the instant begins a newer calendar window. */
  boolean isBefore(Window window, long micros) {
    return !window.isRolling() && window.start(micros) > start;
  }

  /** Begins the calendar window of an instant. */
  void begin(Window window, long micros) {
    start = window.start(micros);
    sum = new Cell();
    settled = false;
  }

  /**
   * Begins the calendar window of a delta with what the ledger has for it: a correction may have
   * been booked in it before. A window that begins within an hour of the ledger begins empty.
   */
  void begin(Window window, ScopeKey key, Delta delta, CellBook cells) {
    begin(window, delta.eventMicros());
    if (start % Windows.micros(WindowSize.HOUR) == 0 && window.unit() != Window.Unit.MINUTE) {
      fill(window, key, delta.eventMicros(), cells);
    } else {
      add(window, delta);
    }
  }

  /** Adds a correction, which moves no window on. */
  void correct(Window window, Delta delta) {
    if (!window.isRolling()) {
      add(window, delta);
      return;
    }
    long part = partOf(window, delta.eventMicros());
    if (!isPast(window, part)) {
      parts.computeIfAbsent(part, at -> new Cell()).add(delta);
      sum.add(delta);
    }
  }

  /** Adds what belongs in the window; a calendar window was begun before. */
  void add(Window window, Delta delta) {
    if (!window.isRolling()) {
      if (window.start(delta.eventMicros()) == start) {
        sum.add(delta);
      }
      return;
    }
    long part = partOf(window, delta.eventMicros());
    moveTo(window, delta.eventMicros());
    if (!isPast(window, part)) {
      parts.computeIfAbsent(part, at -> new Cell()).add(delta);
      sum.add(delta);
    }
  }

  /** Lets a rolling window go on to an instant: what is too old by then falls out of it. */
  void moveTo(Window window, long micros) {
    if (!window.isRolling()) {
      return;
    }
    start = Math.max(start, partOf(window, micros));
    boolean dropped = false;
    while (!parts.isEmpty() && isPast(window, parts.firstKey())) {
      parts.pollFirstEntry();
      dropped = true;
    }
    if (dropped) {
      sum = new Cell();
      parts.values().forEach(sum::add);
    }
  }

  /** What the window of an instant holds, though nothing may have moved it on yet. */
  Cell at(Window window, long micros) {
    if (!window.isRolling()) {
      return isBefore(window, micros) ? new Cell() : sum;
    }
    long newest = Math.max(start, partOf(window, micros));
    if (parts.isEmpty() || parts.firstKey() > newest - window.lengthMicros()) {
      return sum;
    }
    Cell left = new Cell();
    parts.tailMap(newest - window.lengthMicros(), false).values().forEach(left::add);
    return left;
  }

  /**
   * Fills the meter from the ledger as of an instant. Where a window begins within an hour of the
   * ledger, that hour counts in full: too much rather than too little.
   */
  void fill(Window window, ScopeKey key, long micros, CellBook cells) {
    boolean minutes =
        window.unit() == Window.Unit.MINUTE
            || window.isRolling() && window.partMicros() == Times.MICROS_PER_MINUTE;
    WindowSize size = minutes ? WindowSize.MINUTE : WindowSize.HOUR;
    long step = Windows.micros(size);
    if (window.isRolling()) {
      start = partOf(window, micros);
      long oldest = start - window.lengthMicros() + window.partMicros();
      for (long at = Windows.start(size, oldest); at <= micros; at += step) {
        Cell cell = cells.get(new CellKey(key, size, at));
        if (cell != null) {
          parts.computeIfAbsent(partOf(window, at), part -> new Cell()).add(cell);
          sum.add(cell);
        }
      }
      moveTo(window, micros);
    } else {
      begin(window, micros);
      for (long at = Windows.start(size, start); at <= micros; at += step) {
        Cell cell = cells.get(new CellKey(key, size, at));
        if (cell != null) {
          sum.add(cell);
        }
      }
    }
  }

  private static long partOf(Window window, long micros) {
    return Math.floorDiv(micros, window.partMicros()) * window.partMicros();
  }

  void write(BinaryOut out) {
    out.zigzag(start);
    out.bool(settled);
    sum.write(out);
    out.varint(parts.size());
    for (Map.Entry<Long, Cell> part : parts.entrySet()) {
      out.zigzag(part.getKey());
      part.getValue().write(out);
    }
  }

  static Meter read(BinaryIn in) {
    Meter meter = new Meter();
    meter.start = in.zigzag();
    meter.settled = in.bool();
    meter.sum = Cell.read(in);
    for (int i = in.count(); i > 0; i--) {
      meter.parts.put(in.zigzag(), Cell.read(in));
    }
    return meter;
  }
}
