package io.fuseline.deploy.progress;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/** The words of a progress report. */
final class ProgressLine {
  private ProgressLine() {}

  static String running(String what, String unit, long done, OptionalLong total, Duration elapsed) {
    double perSecond = perSecond(done, elapsed);
    String line = what + ": " + count(done);
    if (total.isPresent()) {
      line += " of " + count(total.getAsLong());
    }
    line += " " + unit + ", " + rate(perSecond);
    if (total.isPresent() && perSecond > 0) {
      long left = Math.max(0, total.getAsLong() - done);
      line += ", " + time(Duration.ofMillis((long) (left / perSecond * 1000))) + " left";
    }
    return line;
  }

  static String finished(String what, String unit, long done, Duration elapsed) {
    return what
        + ": "
        + count(done)
        + " "
        + unit
        + " in "
        + time(elapsed)
        + ", "
        + rate(perSecond(done, elapsed));
  }

  private static double perSecond(long done, Duration elapsed) {
    return elapsed.isZero() ? 0 : done / (elapsed.toNanos() / 1e9);
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String rate(double perSecond) {
    return perSecond < 10
        ? String.format(Locale.ROOT, "%.1f/s", perSecond)
        : count(Math.round(perSecond)) + "/s";
  }

  private static String time(Duration time) {
    if (time.toSeconds() < 10) {
      return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
    if (time.toMinutes() < 1) {
      return time.toSeconds() + " s";
    }
    return time.toHours() < 1
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toHours() + " h " + time.toMinutesPart() + " min";
  }
}
