package io.fuseline.stream.admission;

/**
 * How well the state is known to follow what is spent.
 *
 * @param control whether the pipeline sees what happens
 * @param seenToMicros what was sent before this instant is in the state, as far as is known; wall
 *     clock, epoch microseconds
 */
public record Sight(Control control, long seenToMicros) {

  /** Whether the pipeline sees what happens. */
  public enum Control {
    OK,
    /** It lags: leases shrink. */
    BLIND,
    /** It has lagged for so long that no leases are given. */
    BLIND_FOR_LONG
  }

  /** All is seen. */
  public static Sight clear(long nowMicros) {
    return new Sight(Control.OK, nowMicros);
  }

  public boolean isBlind() {
    return control != Control.OK;
  }
}
