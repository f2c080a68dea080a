package io.fuseline.deploy.up;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** Says what is being started: a line per step, with its seconds. */
final class Startup {
  private final PrintWriter out;
  private final long began = System.nanoTime();

  Startup(PrintWriter out) {
    this.out = out;
  }

  /** Does one step and says how long it took and what came of it. */
  <T> T step(String name, Callable<T> work, Function<T, String> result) throws Exception {
    long stepBegan = System.nanoTime();
    T done = work.call();
    say(
        String.format(
            Locale.ROOT,
            "%s: %s after %.1f s",
            name,
            result.apply(done),
            seconds(System.nanoTime() - stepBegan)));
    return done;
  }

  synchronized void say(String line) {
    out.println(line);
    out.flush();
  }

  /** Seconds since this was made. */
  double seconds() {
    return seconds(System.nanoTime() - began);
  }

  private static double seconds(long nanos) {
    return Duration.ofNanos(nanos).toMillis() / 1000.0;
  }
}
