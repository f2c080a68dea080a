package io.fuseline.stream.topology;

import io.fuseline.stream.metrics.FuselineMetrics;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the exception handlers share: the counter and the guard. Handed to them through the
 * application's config.
 */
public final class DeadLetters {
  /** Config key under which the handlers find this object. */
  public static final String CONFIG = "fuseline.dead.letters";

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
  private static final long WINDOW_MILLIS = 60_000;

  private final FuselineMetrics metrics;
  private final DeadLetterGuard guard;
  private final int mostPerMinute;

  /**
   * @param mostPerMinute more than this in a minute stops the application
   */
  public DeadLetters(FuselineMetrics metrics, int mostPerMinute) {
    this.metrics = metrics;
    this.mostPerMinute = mostPerMinute;
    this.guard = new DeadLetterGuard(mostPerMinute, WINDOW_MILLIS);
  }

  static DeadLetters from(Map<String, ?> configs) {
    return (DeadLetters) configs.get(CONFIG);
  }

  /** Counts a dead letter; false when the application must stop instead. */
  boolean admit(String reason, String where, String message) {
    metrics.deadLetter(reason);
    if (guard.permits(System.currentTimeMillis())) {
      LOG.warn("Dead letter ({}) from {}: {}", reason, where, message);
      return true;
    }
    LOG.error(
        "More than {} dead letters in a minute, last ({}) from {}: {}. This looks like a broken producer or schema rather"
            + " than single bad records; the application stops before it throws more away. Mend the producer, or raise"
            + " dead.letters.per.minute.",
        mostPerMinute,
        reason,
        where,
        message);
    return false;
  }
}
