package io.fuseline.deploy.backtest;

import java.util.Locale;

/** What makes a candidate worse than the baseline. */
public enum FailOn {
  /** It cuts a run short that ended well and that the baseline lets go on. */
  HEALTHY_STOPS,
  /** It saves less, by more than is tolerated. */
  SAVES_LESS,
  /** Nothing does. */
  NEVER;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
