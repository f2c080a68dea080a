package io.fuseline.stream.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Meters of the ways in other than the span topic. Spans count here once they are kept; what was
 * taken in reaches the span topic and counts among {@code fuseline.spans} as well. Safe for all
 * threads.
 */
public final class IngestMetrics {
  /** How spans come in. */
  public enum Way {
    /** {@code POST /v1/traces}. */
    TRACES,
    /** {@code POST /v1/logs}. */
    LOGS,
    /** {@code POST /v1/spans}. */
    SPANS,
    /** {@code POST /v1/outcomes}: outcomes, not spans. */
    OUTCOMES,
    /** The topic of OpenTelemetry batches. */
    OTLP_TOPIC
  }

  /** What became of a span. */
  public enum Fate {
    ACCEPTED,
    /** It went to the dead letters. */
    REJECTED,
    /** It is no work of an agent, such as an HTTP call. */
    IGNORED
  }

  private final MeterRegistry registry;
  private final Map<Way, Map<Fate, Counter>> spans = new EnumMap<>(Way.class);
  private final Map<Integer, Counter> requests = new ConcurrentHashMap<>();
  private final AtomicLong bytesInFlight = new AtomicLong();

  IngestMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (Way way : Way.values()) {
      Map<Fate, Counter> byFate = new EnumMap<>(Fate.class);
      for (Fate fate : Fate.values()) {
        byFate.put(
            fate,
            Counter.builder("fuseline.ingest.spans")
                .description(
                    "Spans, events and outcomes that came in, by way and by what became of them.")
                .tag("way", word(way))
                .tag("fate", word(fate))
                .register(registry));
      }
      spans.put(way, byFate);
    }
    request(200, 0);
    Gauge.builder("fuseline.ingest.bytes.in.flight", bytesInFlight, AtomicLong::doubleValue)
        .description("Bytes of requests that are read or wait for the broker, uncompressed.")
        .register(registry);
  }

  /** Spans have found their fate. */
  public void spans(Way way, Fate fate, int count) {
    spans.get(way).get(fate).increment(count);
  }

  /**
   * A request was answered.
   *
   * @param status HTTP status, one of the documented few
   */
  public void request(int status) {
    request(status, 1);
  }

  /** So many bytes of requests have come, or, when negative, are done with. */
  public void bytesInFlight(long change) {
    bytesInFlight.addAndGet(change);
  }

  private void request(int status, int count) {
    requests
        .computeIfAbsent(
            status,
            added ->
                Counter.builder("fuseline.ingest.requests")
                    .description("Requests that brought spans, by the HTTP status of the answer.")
                    .tag("status", String.valueOf(added))
                    .register(registry))
        .increment(count);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
