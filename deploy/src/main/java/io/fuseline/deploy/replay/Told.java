package io.fuseline.deploy.replay;

import io.fuseline.stream.judge.Verdicts;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Hands verdicts on. */
final class Told {
  private Told() {}

  /** Tells the listener what was decided, if anything was, and empties it. */
  static void to(ReplayListener listener, Verdicts verdicts) {
    if (verdicts.isEmpty()) {
      return;
    }
    try {
      listener.onVerdicts(verdicts);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // called from within the core's callbacks
    }
    verdicts.clear();
  }
}
