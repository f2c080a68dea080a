package io.fuseline.alerting.sink;

import java.time.Duration;

/** Moves records on a thread of its own. */
interface Pump {
  void start();

  /** Tells it to end, without waiting. */
  void stop();

  /** Ends it, waiting at most so long; what is under way is delivered again by the next start. */
  void close(Duration patience);
}
