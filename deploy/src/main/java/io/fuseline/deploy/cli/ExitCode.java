package io.fuseline.deploy.cli;

/** What the command line answers to its caller. Stable: scripts rely on these numbers. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int REFUSED = 3;
  static final int UNREACHABLE = 4;

  /** A price list looks broken; nothing was written. */
  static final int HELD_BACK = 5;

  /** Applying the policy files would change something. */
  static final int DIFFERENT = 6;

  /** A backtest found the candidate worse than the baseline; the report was written. */
  static final int WORSE = 7;

  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
