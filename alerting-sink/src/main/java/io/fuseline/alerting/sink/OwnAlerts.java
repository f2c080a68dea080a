package io.fuseline.alerting.sink;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sink's own alerts: that a destination was disabled, and that it works again. They go onto the
 * alerts' topic like all others, and so reach every other destination at least once, whatever
 * crashes.
 */
final class OwnAlerts {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAlerts.class);
  static final String POLICY = "fuseline-sink";
  private static final String DESTINATION = "destination";

  private final Consumer<Alert> writer;
  private final Clock clock;
  private final Map<String, Instant> disabledAt = new ConcurrentHashMap<>();

  /**
   * @param writer returns when the alert is written
   */
  OwnAlerts(Consumer<Alert> writer, Clock clock) {
    this.writer = writer;
    this.clock = clock;
  }

  static boolean isOwn(Event event) {
    return POLICY.equals(event.scope().get("policy"));
  }

  static boolean isAbout(Event event, Destination destination) {
    return destination
        .name()
        .equals(event.data().path("evidence").path("details").path(DESTINATION).asText());
  }

  /**
   * Writes that a destination was disabled or enabled; an alert that cannot be written is left to
   * the log.
   */
  void tell(Destination destination, boolean disabled, String answer) {
    // Microseconds are what the record keeps.
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var since = disabled ? now : disabledAt.getOrDefault(destination.name(), now);
    if (disabled) {
      disabledAt.put(destination.name(), now);
    } else {
      disabledAt.remove(destination.name());
    }
    try {
      writer.accept(alert(destination, disabled, answer, since, now));
    } catch (RuntimeException e) {
      LOG.error("The alert about {} could not be written", destination.name(), e);
    }
  }

  private static Alert alert(
      Destination destination, boolean disabled, String answer, Instant since, Instant now) {
    var episode = POLICY + ":" + destination.name() + ":" + since;
    var summary =
        disabled
            ? "Alerts and commands no longer reach %s: %d failures in a row, at last %s. They are kept in the dead letters; it is tried again every %d s."
                .formatted(destination, Breaker.FAILURES, answer, Breaker.REST.toSeconds())
            : "%s works again and is enabled.".formatted(destination);
    return Alert.newBuilder()
        .setAlertId(episode)
        .setEpisodeId(episode)
        .setSeverity(disabled ? Severity.CRITICAL : Severity.INFO)
        .setState(disabled ? EpisodeState.OPEN : EpisodeState.CLOSED)
        .setAction(Action.ALERT)
        .setMode(PolicyMode.WARN)
        .setTenantId("fuseline")
        .setTargetType(TargetType.OTHER)
        .setTarget("sink " + destination.name())
        .setPolicyId(POLICY)
        .setPolicyVersion("1")
        .setSpend(BigDecimal.ZERO.setScale(12))
        .setCurrency("USD")
        .setEvidence(
            Evidence.newBuilder()
                .setRule("sink-destination-disabled")
                .setMeasured(disabled ? Integer.toString(Breaker.FAILURES) : "0")
                .setThreshold(Integer.toString(Breaker.FAILURES))
                .setUnit("failures in a row")
                .setSummary(summary)
                .setSpanIds(List.of())
                .setDetails(
                    Map.of(DESTINATION, destination.name(), "severity", Severity.CRITICAL.name()))
                .build())
        .setEventTime(now)
        .setIssuedAt(now)
        .build();
  }
}
