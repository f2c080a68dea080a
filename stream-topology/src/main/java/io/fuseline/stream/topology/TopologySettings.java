package io.fuseline.stream.topology;

import io.fuseline.enrichment.price.UnpricedBound;
import io.fuseline.schemas.topics.Topics;
import java.time.Duration;

/**
 * What shapes the topology.
 *
 * @param topics names of the topics
 * @param currency ISO 4217 currency of all money
 * @param spanPartitions partitions of {@code agent-spans}, to find records that lie in another
 *     partition than their root run's; 0 when not known, then only the key is looked at
 * @param scopePartitions partitions of the internal topic that carries deltas to their scopes
 * @param writePricedSpans one record per span to {@code priced-spans}; costs more than all the
 *     judging
 * @param runIdle a run without a span for this long, by the wall clock, is idle
 * @param runRetention an idle run's state, and with it deduplication, is kept this long after its
 *     last span
 * @param billingCloseAfter how long after its end a calendar month, UTC, is closed: what is
 *     corrected then is booked at the time of the correction
 * @param unpricedBound how dear what has no price is assumed to be
 * @param rollupEvery how often open windows are written out
 * @param rollupGrace how long after its end a window is written as final
 * @param readOtlpSpans also take in OpenTelemetry batches from {@code otlp-spans}
 */
public record TopologySettings(
    Topics topics,
    String currency,
    int spanPartitions,
    int scopePartitions,
    boolean writePricedSpans,
    Duration runIdle,
    Duration runRetention,
    Duration billingCloseAfter,
    UnpricedBound unpricedBound,
    Duration rollupEvery,
    Duration rollupGrace,
    boolean readOtlpSpans) {

  public static TopologySettings defaults() {
    return new TopologySettings(
        Topics.defaults(),
        "USD",
        0,
        6,
        true,
        Duration.ofMinutes(30),
        Duration.ofDays(7),
        Duration.ofDays(3),
        UnpricedBound.DEAREST,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        false);
  }

  public TopologySettings withTopics(Topics other) {
    return new TopologySettings(
        other,
        currency,
        spanPartitions,
        scopePartitions,
        writePricedSpans,
        runIdle,
        runRetention,
        billingCloseAfter,
        unpricedBound,
        rollupEvery,
        rollupGrace,
        readOtlpSpans);
  }

  /** The same, taking in OpenTelemetry batches too. */
  public TopologySettings withOtlpSpans() {
    return new TopologySettings(
        topics,
        currency,
        spanPartitions,
        scopePartitions,
        writePricedSpans,
        runIdle,
        runRetention,
        billingCloseAfter,
        unpricedBound,
        rollupEvery,
        rollupGrace,
        true);
  }
}
