package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of one scope: totals, the current hour and day, its episodes; for agents also runs
 * and baselines.
 */
public final class ScopeState {
  /** Root runs that are remembered as active per agent; the oldest is forgotten first. */
  static final int MAX_ACTIVE_RUNS = 10_000;

  /** Tools with a baseline per agent. */
  static final int MAX_BASELINES = 200;

  private static final int VERSION = 1;
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

  /** Active root runs and when each was last announced, epoch microseconds of event time. */
  final Map<String, Long> activeRuns = new LinkedHashMap<>();

  final Map<String, Baseline> baselines = new LinkedHashMap<>();
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
    out.varint(activeRuns.size());
    activeRuns.forEach(
        (run, seen) -> {
          out.text(run);
          out.varint(seen);
        });
    out.varint(baselines.size());
    baselines.forEach(
        (tool, baseline) -> {
          out.text(tool);
          baseline.write(out);
        });
    episodes.write(out);
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
    for (int i = in.count(); i > 0; i--) {
      state.activeRuns.put(in.text(), in.varint());
    }
    for (int i = in.count(); i > 0; i--) {
      state.baselines.put(in.text(), Baseline.read(in));
    }
    state.episodes = EpisodeBook.read(in);
    return state;
  }
}
