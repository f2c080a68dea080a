package io.fuseline.deploy.backtest;

import java.util.Locale;

/**
 * How a root run ended. Told by its outcomes when it has any: one success is enough to have ended
 * well. Else by its last span, the one that ended latest: OK without an error type is well, ERROR
 * or an error type is badly.
 */
public enum Ending {
  WELL,
  BADLY,
  /** No outcome, and the last span's status is UNSET, or no span has ended. */
  NOT_TOLD;

  /** The form in JSON: {@code well}, {@code badly}, {@code not_told}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
