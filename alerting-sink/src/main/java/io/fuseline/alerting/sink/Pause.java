package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits between attempts; tests write them down instead. */
@FunctionalInterface
interface Pause {
  Pause SLEEP = time -> TimeUnit.NANOSECONDS.sleep(time.toNanos());

  void sleep(Duration time) throws InterruptedException;
}
