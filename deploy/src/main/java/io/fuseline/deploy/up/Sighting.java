package io.fuseline.deploy.up;

import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A command, with what was seen of its effect.
 *
 * @param readAt when it could be read from the topic
 * @param times how often it was read; more than once after an aborted transaction
 * @param acks answers, in the order in which they were read
 * @param spansAfter spans of the target that ended after the span that proved the breach
 * @param lastSpanAt when the last of them ended; null when there is none
 * @param spentAfter what they cost
 */
record Sighting(
    Command command,
    Instant readAt,
    int times,
    List<CommandAck> acks,
    long spansAfter,
    Instant lastSpanAt,
    BigDecimal spentAfter) {

  Sighting {
    acks = List.copyOf(acks);
  }

  /**
   * From the end of the span that proved the breach until the command could be read: by us, or by a
   * runtime that had answered before we came to it.
   */
  Duration spanToCommand() {
    Instant readable =
        acks.stream()
            .map(CommandAck::getAckedAt)
            .min(Comparator.naturalOrder())
            .filter(acked -> acked.isBefore(readAt))
            .orElse(readAt);
    return Duration.between(command.getEventTime(), readable);
  }

  /** From the end of that span until the last runtime had answered; empty without an answer. */
  Optional<Duration> breachToAck() {
    return acks.stream()
        .map(CommandAck::getAckedAt)
        .max(Comparator.naturalOrder())
        .map(acked -> Duration.between(command.getEventTime(), acked));
  }

  /** From the end of that span to the end of the target's last; empty when none came. */
  Optional<Duration> breachToLastSpan() {
    return Optional.ofNullable(lastSpanAt)
        .map(last -> Duration.between(command.getEventTime(), last));
  }

  /** Whether the command tells the target to end or to rest. */
  boolean stops() {
    return switch (command.getAction()) {
      case KILL, PAUSE -> true;
      default -> false;
    };
  }
}
