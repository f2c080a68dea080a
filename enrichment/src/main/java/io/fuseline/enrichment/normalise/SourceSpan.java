package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.SpanStatus;
import java.util.List;
import java.util.Map;

/**
 * A span as its instrumentation wrote it, whatever its convention. Collections are not copied: the
 * caller must not change them.
 *
 * @param traceId OpenTelemetry trace id, 32 hexadecimal digits; null if it has none
 * @param spanId id of the span, 16 hexadecimal digits
 * @param parentSpanId span that caused it; null for a root
 * @param name name of the span
 * @param startMicros microseconds since the epoch, UTC; 0: not known
 * @param endMicros microseconds since the epoch, UTC; 0: not known
 * @param status outcome; null is taken as UNSET
 * @param statusMessage message of an error; null if there is none. It may carry content and is not
 *     kept
 * @param attributes attributes of the span; a value is a String, Long, Double, Boolean, {@code
 *     List<Object>}, {@code Map<String, Object>} or {@code byte[]}, any other is treated as absent
 * @param resource attributes of the resource that sent it, with the same kinds of values
 * @param events events of the span
 * @param scopeName name of the instrumentation scope; empty if there is none
 * @param scopeVersion version of the instrumentation scope; empty if there is none
 */
public record SourceSpan(
    String traceId,
    String spanId,
    String parentSpanId,
    String name,
    long startMicros,
    long endMicros,
    SpanStatus status,
    String statusMessage,
    Map<String, Object> attributes,
    Map<String, Object> resource,
    List<SourceEvent> events,
    String scopeName,
    String scopeVersion) {

  /** Replaces null collections and names by empty ones; an empty parent or trace id by null. */
  public SourceSpan {
    traceId = traceId == null || traceId.isEmpty() ? null : traceId;
    spanId = spanId == null ? "" : spanId;
    parentSpanId = parentSpanId == null || parentSpanId.isEmpty() ? null : parentSpanId;
    name = name == null ? "" : name;
    status = status == null ? SpanStatus.UNSET : status;
    attributes = attributes == null ? Map.of() : attributes;
    resource = resource == null ? Map.of() : resource;
    events = events == null ? List.of() : events;
    scopeName = scopeName == null ? "" : scopeName;
    scopeVersion = scopeVersion == null ? "" : scopeVersion;
  }
}
