package io.fuseline.stream.ingest;

import com.google.protobuf.ByteString;
import io.fuseline.enrichment.normalise.SourceEvent;
import io.fuseline.enrichment.normalise.SourceSpan;
import io.fuseline.schemas.SpanStatus;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * OpenTelemetry's classes as what the normaliser takes: plain values, ids as text, microseconds.
 */
final class OtlpReader {
  private static final long NANOS_PER_MICRO = 1_000;
  private static final HexFormat HEX = HexFormat.of();

  private OtlpReader() {}

  static List<OtlpItem<SourceSpan>> spans(ExportTraceServiceRequest batch) {
    List<OtlpItem<SourceSpan>> spans = new ArrayList<>();
    for (ResourceSpans fromResource : batch.getResourceSpansList()) {
      Map<String, Object> resource = attributes(fromResource.getResource().getAttributesList());
      for (ScopeSpans fromScope : fromResource.getScopeSpansList()) {
        for (Span span : fromScope.getSpansList()) {
          spans.add(
              new OtlpItem<>(
                  span(span, resource, fromScope.getScope()),
                  () -> alone(fromResource, fromScope, span)));
        }
      }
    }
    return spans;
  }

  static List<OtlpItem<SourceLog>> events(ExportLogsServiceRequest batch) {
    List<OtlpItem<SourceLog>> events = new ArrayList<>();
    for (ResourceLogs fromResource : batch.getResourceLogsList()) {
      Map<String, Object> resource = attributes(fromResource.getResource().getAttributesList());
      for (ScopeLogs fromScope : fromResource.getScopeLogsList()) {
        for (LogRecord event : fromScope.getLogRecordsList()) {
          events.add(
              new OtlpItem<>(
                  log(event, resource, fromScope.getScope()),
                  () -> alone(fromResource, fromScope, event)));
        }
      }
    }
    return events;
  }

  private static SourceSpan span(
      Span span, Map<String, Object> resource, InstrumentationScope scope) {
    List<SourceEvent> events = new ArrayList<>(span.getEventsCount());
    for (Span.Event event : span.getEventsList()) {
      events.add(
          new SourceEvent(
              event.getName(),
              micros(event.getTimeUnixNano()),
              attributes(event.getAttributesList())));
    }
    return new SourceSpan(
        hex(span.getTraceId()),
        hex(span.getSpanId()),
        hex(span.getParentSpanId()),
        span.getName(),
        micros(span.getStartTimeUnixNano()),
        micros(span.getEndTimeUnixNano()),
        status(span.getStatus()),
        span.getStatus().getMessage(),
        attributes(span.getAttributesList()),
        resource,
        events,
        scope.getName(),
        scope.getVersion());
  }

  /**
   * An event is named by its own field; by its body where the field is not used yet, as in Claude
   * Code; or by the attribute that came before both.
   */
  private static SourceLog log(
      LogRecord event, Map<String, Object> resource, InstrumentationScope scope) {
    Map<String, Object> attributes = attributes(event.getAttributesList());
    String name = event.getEventName();
    if (name.isEmpty() && event.getBody().hasStringValue()) {
      name = event.getBody().getStringValue();
    }
    if (name.isEmpty() && attributes.get("event.name") instanceof String attribute) {
      name = attribute;
    }
    long time =
        event.getTimeUnixNano() == 0 ? event.getObservedTimeUnixNano() : event.getTimeUnixNano();
    return new SourceLog(
        new SourceEvent(name, micros(time), attributes),
        resource,
        scope.getName(),
        scope.getVersion());
  }

  private static SpanStatus status(Status status) {
    return switch (status.getCode()) {
      case STATUS_CODE_OK -> SpanStatus.OK;
      case STATUS_CODE_ERROR -> SpanStatus.ERROR;
      default -> SpanStatus.UNSET;
    };
  }

  private static Map<String, Object> attributes(List<KeyValue> list) {
    Map<String, Object> attributes = new HashMap<>();
    for (KeyValue attribute : list) {
      Object value = value(attribute.getValue());
      if (value != null) {
        attributes.put(attribute.getKey(), value);
      }
    }
    return attributes;
  }

  /** Null for an empty value; as deep as the protobuf library lets messages nest. */
  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case BYTES_VALUE -> value.getBytesValue().toByteArray();
      case KVLIST_VALUE -> attributes(value.getKvlistValue().getValuesList());
      case ARRAY_VALUE -> {
        List<Object> items = new ArrayList<>();
        for (AnyValue item : value.getArrayValue().getValuesList()) {
          Object plain = value(item);
          if (plain != null) {
            items.add(plain);
          }
        }
        yield items;
      }
      default -> null;
    };
  }

  private static String hex(ByteString id) {
    return HEX.formatHex(id.toByteArray());
  }

  /** OpenTelemetry counts nanoseconds without a sign. */
  private static long micros(long nanos) {
    return Long.divideUnsigned(nanos, NANOS_PER_MICRO);
  }

  private static ExportTraceServiceRequest alone(
      ResourceSpans resource, ScopeSpans scope, Span span) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            resource.toBuilder()
                .clearScopeSpans()
                .addScopeSpans(scope.toBuilder().clearSpans().addSpans(span)))
        .build();
  }

  private static ExportLogsServiceRequest alone(
      ResourceLogs resource, ScopeLogs scope, LogRecord event) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            resource.toBuilder()
                .clearScopeLogs()
                .addScopeLogs(scope.toBuilder().clearLogRecords().addLogRecords(event)))
        .build();
  }
}
