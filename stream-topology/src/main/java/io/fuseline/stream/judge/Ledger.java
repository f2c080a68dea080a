package io.fuseline.stream.judge;

import io.fuseline.schemas.WindowSize;
import java.time.Duration;

/**
 * Books what a scope spends into its minutes, hours and days. However late a span comes, its hour
 * and day get it; minutes are kept for {@link #MINUTE_HORIZON} before the scope's newest span.
 */
public final class Ledger {
  public static final Duration MINUTE_HORIZON = Duration.ofHours(24);

  private Ledger() {}

  /**
   * Books a delta.
   *
   * @param newestMicros event time of the scope's newest span
   * @return false when the delta was too late for its minute
   */
  static boolean book(ScopeKey key, Delta delta, long newestMicros, CellBook cells) {
    boolean inMinute = reachesMinute(delta.eventMicros(), newestMicros);
    for (WindowSize window : Windows.KEPT) {
      if (window == WindowSize.MINUTE && !inMinute) {
        continue;
      }
      CellKey cellKey = CellKey.at(key, window, delta.eventMicros());
      Cell cell = cells.get(cellKey);
      if (cell == null) {
        cell = new Cell();
      }
      cell.add(delta);
      cells.put(cellKey, cell);
    }
    return inMinute;
  }

  /** True while a span of this event time is still booked in its minute. */
  public static boolean reachesMinute(long eventMicros, long newestMicros) {
    return eventMicros >= newestMicros - MINUTE_HORIZON.toMillis() * 1000;
  }
}
