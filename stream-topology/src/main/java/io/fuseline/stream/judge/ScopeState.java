package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of one scope: totals, the current hour and day, its episodes; for agents also
 * baselines.
 */
public final class ScopeState {
  /** Tools with a baseline per agent. */
  static final int MAX_BASELINES = 200;

  /** Bytes of those tools' names. */
  static final int MAX_BASELINE_BYTES = 100 << 10;

  /** Rises with that of {@link Cell}, three of which are in it, and reads the same ones before. */
  private static final int VERSION = 8;

  private static final int PACE = 1;
  private static final int SHIFT = 2;
  private static final long NONE = -1;

  Cell total = new Cell();
  Cell hour = new Cell();
  Cell day = new Cell();
  long hourStart = NONE;
  long dayStart = NONE;
  long newest = NONE;

  /** Wall-clock time of the newest delta's arrival, epoch microseconds. */
  long lastWall;

  /**
   * The wall clock has ended the current hour or day: its budgets are settled, only the ledger
   * follows.
   */
  boolean hourSettled;

  boolean daySettled;

  /** What policies select on, as the newest span said; null unless the scope is an agent. */
  Subject subject;

  /** Active runs that were read from bytes of when they were kept here. */
  private final Map<String, Long> activeRunsBefore8 = new LinkedHashMap<>();

  /** What budgets of further windows have spent, by the window's name. */
  final Map<String, Meter> meters = new TreeMap<>();

  final Map<String, Baseline> baselines = new LinkedHashMap<>();

  /** Null until a detector of agents that needs it applies; likewise the other. */
  SpendPace pace;

  CostShift shift;

  EpisodeBook episodes = new EpisodeBook();

  public Cell total() {
    return total;
  }

  /** The hour of the newest span. */
  public Cell hour() {
    return hour;
  }

  /** The day of the newest span. */
  public Cell day() {
    return day;
  }

  /** First instant of {@link #hour()}, epoch microseconds. */
  public long hourStartMicros() {
    return hourStart;
  }

  /** First instant of {@link #day()}, epoch microseconds. */
  public long dayStartMicros() {
    return dayStart;
  }

  /** Event time of the newest span, epoch microseconds. */
  public long newestMicros() {
    return newest;
  }

  /**
   * Hands over the active runs of a state that still held them itself. To be called with each state
   * that was read, before anything is done with it.
   */
  public void handOver(ScopeKey key, ActiveRuns runs) {
    activeRunsBefore8.forEach((run, seen) -> runs.join(key, run, seen));
    activeRunsBefore8.clear();
  }

  /** The tool's baseline; null when there are too many. */
  Baseline baseline(String tool) {
    Baseline known = baselines.get(tool);
    if (known != null) {
      return known;
    }
    int names = Utf8.bytes(tool);
    for (String name : baselines.keySet()) {
      names += Utf8.bytes(name);
    }
    if (baselines.size() >= MAX_BASELINES || names > MAX_BASELINE_BYTES) {
      return null;
    }
    Baseline first = new Baseline();
    baselines.put(tool, first);
    return first;
  }

  public boolean hasOpenEpisodes() {
    return !episodes.open().isEmpty();
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(256);
    out.raw(VERSION);
    total.write(out);
    hour.write(out);
    day.write(out);
    out.zigzag(hourStart);
    out.zigzag(dayStart);
    out.zigzag(newest);
    out.varint(lastWall);
    out.bool(hourSettled);
    out.bool(daySettled);
    out.bool(subject != null);
    if (subject != null) {
      out.subject(subject);
    }
    out.varint(baselines.size());
    baselines.forEach(
        (tool, baseline) -> {
          out.text(tool);
          baseline.write(out);
        });
    episodes.write(out);
    out.varint(meters.size());
    meters.forEach(
        (window, meter) -> {
          out.text(window);
          meter.write(out);
        });
    out.raw((pace != null ? PACE : 0) | (shift != null ? SHIFT : 0));
    if (pace != null) {
      pace.write(out);
    }
    if (shift != null) {
      shift.write(out);
    }
    return out.toBytes();
  }

  public static ScopeState fromBytes(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A scope");
    ScopeState state = new ScopeState();
    state.total = Cell.read(in);
    state.hour = Cell.read(in);
    state.day = Cell.read(in);
    state.hourStart = in.zigzag();
    state.dayStart = in.zigzag();
    state.newest = in.zigzag();
    state.lastWall = in.varint();
    state.hourSettled = in.bool();
    state.daySettled = in.bool();
    state.subject = in.bool() ? in.subject() : null;
    for (int i = in.isBefore(8) ? in.count() : 0; i > 0; i--) {
      state.activeRunsBefore8.put(in.text(), in.varint());
    }
    for (int i = in.count(); i > 0; i--) {
      state.baselines.put(in.text(), Baseline.read(in));
    }
    state.episodes = EpisodeBook.read(in);
    for (int i = in.isBefore(4) ? 0 : in.count(); i > 0; i--) {
      state.meters.put(in.text(), Meter.read(in));
    }
    int more = in.isBefore(5) ? 0 : in.raw();
    state.pace = (more & PACE) == 0 ? null : SpendPace.read(in);
    state.shift = (more & SHIFT) == 0 ? null : CostShift.read(in);
    return state;
  }
}
