package io.fuseline.alerting.sink;

import io.fuseline.schemas.Severity;
import java.time.Duration;
import java.util.Locale;

/**
 * What of a route is told together.
 *
 * @param below events milder than this are
 * @param every one message in each such interval, aligned to the epoch
 * @param max events that are told one by one; the rest is only counted
 */
record Digest(Severity below, Duration every, int max) {
  static final int DEFAULT_MAX = 50;

  boolean takes(Event event) {
    return event.severity() != null && event.severity().compareTo(below) < 0;
  }

  /** In words, such as {@code below critical every 15m}. */
  @Override
  public String toString() {
    var often = every.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    return "below " + below.name().toLowerCase(Locale.ROOT) + " every " + often;
  }
}
