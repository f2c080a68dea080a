package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.SpanStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Work that is not told as a span, brought into a span's form: log events, logging payloads. */
final class Events {

  private static final BigDecimal MICROS_PER_SECOND = BigDecimal.valueOf(1_000_000);
  private static final long MICROS_PER_MILLI = 1_000;
  private static final long MAX_MILLIS = 1_000_000_000_000L;

  private Events() {}

  /**
   * The span that ended with the event. Its id is made from what the event holds, so that an event
   * that is sent twice is one span.
   */
  static SourceSpan span(
      SourceEvent event, Map<String, Object> resource, String scopeName, String scopeVersion) {
    Map<String, Object> attributes = event.attributes();
    long millis = Values.count(attributes.get("duration_ms"));
    long took = millis < 0 || millis > MAX_MILLIS ? 0 : millis * MICROS_PER_MILLI;
    boolean failed =
        event.name().endsWith("api_error") || !Values.truth(Values.text(attributes.get("success")));
    return new SourceSpan(
        null,
        id(List.of(event.name(), event.timeMicros(), attributes)),
        null,
        event.name(),
        event.timeMicros() == 0 ? 0 : event.timeMicros() - took,
        event.timeMicros(),
        failed ? SpanStatus.ERROR : SpanStatus.OK,
        null,
        attributes,
        resource,
        List.of(),
        scopeName,
        scopeVersion);
  }

  /** A call that LiteLLM has logged; its members become attributes under {@code litellm.}. */
  static SourceSpan liteLlm(Map<String, Object> payload) {
    Map<String, Object> kept = new HashMap<>(payload);
    kept.remove("messages");
    String id = Values.text(payload.get("id"));
    return new SourceSpan(
        Values.text(payload.get("trace_id")),
        id == null ? id(payload) : id,
        null,
        String.valueOf(payload.get("call_type")),
        micros(payload.get("startTime")),
        micros(payload.get("endTime")),
        "failure".equals(payload.get("status")) ? SpanStatus.ERROR : SpanStatus.OK,
        null,
        Map.of("litellm", kept),
        Map.of(),
        List.of(),
        "litellm",
        "");
  }

  private static String id(Object content) {
    return HexFormat.of().toHexDigits(Fingerprint.of(content));
  }

  /** Seconds since the epoch, with a fraction. */
  private static long micros(Object seconds) {
    BigDecimal money = Values.money(seconds);
    return money == null || money.signum() < 0 || money.precision() - money.scale() > 12
        ? 0
        : money.multiply(MICROS_PER_SECOND).setScale(0, RoundingMode.DOWN).longValue();
  }
}
