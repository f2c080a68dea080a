package io.fuseline.stream.admission;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Times;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The dead-man switch: whether an instance still sees what is spent. It is blind once what it has
 * not seen is older than a limit, and sees again once that is less than half the limit. Who looks
 * no more is blind too, since what was last seen grows old by itself. Each blind period is told
 * once, and its end. One thread looks; any may ask.
 */
public final class Blindness {
  /** Rule in the evidence, and policy of the alerts. */
  static final String RULE = "control-blind";

  /** Whose alerts are about no tenant. */
  private static final String TENANT = "default";

  private final String instance;
  private final String currency;
  private final long limitMicros;

  /** Nothing was looked at yet: then nothing is known to be unseen. */
  private volatile long seenTo = Long.MAX_VALUE;

  /** What was last seen when the blind period began; 0 while it sees. */
  private volatile long blindSince;

  /**
   * @param instance host and port under which this instance is known
   * @param currency ISO 4217 currency of alerts
   * @param limit how old what is not seen may be
   */
  public Blindness(String instance, String currency, Duration limit) {
    this.instance = instance;
    this.currency = currency;
    this.limitMicros = limit.toMillis() * 1000;
  }

  /**
   * Takes note of how far is seen.
   *
   * @param seenToMicros what was spent before this instant is in the state
   * @param why what is in the way, as one sentence
   * @return what people have to be told; null for nothing
   */
  public Alert look(long seenToMicros, String why, long nowMicros) {
    seenTo = Math.min(seenToMicros, nowMicros);
    long age = nowMicros - seenTo;
    if (blindSince == 0 && age > limitMicros) {
      blindSince = Math.max(1, seenTo);
      return alert(EpisodeState.OPEN, Severity.CRITICAL, why, age, nowMicros);
    }
    if (blindSince != 0 && age <= limitMicros / 2) {
      Alert end =
          alert(
              EpisodeState.CLOSED,
              Severity.INFO,
              "It sees what is spent again.",
              nowMicros - blindSince,
              nowMicros);
      blindSince = 0;
      return end;
    }
    return null;
  }

  /** How well the state follows, as of an instant. */
  public Sight at(long nowMicros) {
    long to = Math.min(seenTo, nowMicros);
    long age = nowMicros - to;
    Sight.Control control =
        age > 2 * limitMicros
            ? Sight.Control.BLIND_FOR_LONG
            : age > limitMicros || blindSince != 0 ? Sight.Control.BLIND : Sight.Control.OK;
    return new Sight(control, to);
  }

  private Alert alert(
      EpisodeState state, Severity severity, String why, long lastedMicros, long nowMicros) {
    String episode = instance + '\u0000' + blindSince;
    String seconds = BigDecimal.valueOf(lastedMicros / 1000, 3).toPlainString();
    return Alert.newBuilder()
        .setAlertId(id("alt", episode + '\u0000' + state))
        .setEpisodeId(id("eps", episode))
        .setSeverity(severity)
        .setState(state)
        .setAction(Action.ALERT)
        .setMode(PolicyMode.ENFORCE)
        .setTenantId(TENANT)
        .setTargetType(TargetType.OTHER)
        .setTarget(instance)
        .setPolicyId(RULE)
        .setPolicyVersion("1")
        .setSpend(BigDecimal.ZERO.setScale(12))
        .setCurrency(currency)
        .setEvidence(
            Evidence.newBuilder()
                .setRule(RULE)
                .setMeasured(seconds)
                .setThreshold(BigDecimal.valueOf(limitMicros / 1000, 3).toPlainString())
                .setUnit("seconds behind")
                .setSummary(
                    state == EpisodeState.OPEN
                        ? "Instance %s does not see what is spent: %s Budgets are not enforced for what it holds, and leases shrink. Look at /health/ready there, and at the broker."
                            .formatted(instance, why)
                        : "Instance %s was blind for %s s. %s".formatted(instance, seconds, why))
                .setSpanIds(List.of())
                .setDetails(Map.of())
                .build())
        .setEventTime(Times.instant(Math.max(0, blindSince)))
        .setIssuedAt(Times.instant(nowMicros))
        .build();
  }

  private static String id(String prefix, String facts) {
    return prefix + "-" + UUID.nameUUIDFromBytes(facts.getBytes(StandardCharsets.UTF_8));
  }
}
