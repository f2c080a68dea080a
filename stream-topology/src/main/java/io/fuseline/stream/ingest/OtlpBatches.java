package io.fuseline.stream.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Reads OpenTelemetry batches, in either encoding, into the published classes.
 *
 * <p>The JSON form is proto3's own, which the protobuf library reads: names in either case, 64-bit
 * numbers as strings or numbers, enums by name or number, unknown fields passed over. Only the ids
 * differ: OpenTelemetry writes them in hexadecimal where proto3 has base64. All hexadecimal digits
 * are base64 digits too, and the lengths of ids are multiples of four digits, so that writing what
 * was read as base64 again gives exactly the digits that stood there.
 */
final class OtlpBatches {
  private static final int TRACE_ID_BYTES = 16;
  private static final int SPAN_ID_BYTES = 8;
  private static final JsonFormat.Parser JSON = JsonFormat.parser().ignoringUnknownFields();

  private OtlpBatches() {}

  static ExportTraceServiceRequest traces(byte[] batch, OtlpEncoding encoding)
      throws UnreadableBatchException {
    ExportTraceServiceRequest.Builder traces = ExportTraceServiceRequest.newBuilder();
    read(batch, encoding, traces, "ExportTraceServiceRequest");
    if (encoding == OtlpEncoding.JSON) {
      for (var resource : traces.getResourceSpansBuilderList()) {
        for (var scope : resource.getScopeSpansBuilderList()) {
          for (Span.Builder span : scope.getSpansBuilderList()) {
            span.setTraceId(fromHex("traceId", span.getTraceId(), TRACE_ID_BYTES))
                .setSpanId(fromHex("spanId", span.getSpanId(), SPAN_ID_BYTES))
                .setParentSpanId(fromHex("parentSpanId", span.getParentSpanId(), SPAN_ID_BYTES));
          }
        }
      }
    }
    return traces.build();
  }

  static ExportLogsServiceRequest logs(byte[] batch, OtlpEncoding encoding)
      throws UnreadableBatchException {
    ExportLogsServiceRequest.Builder logs = ExportLogsServiceRequest.newBuilder();
    read(batch, encoding, logs, "ExportLogsServiceRequest");
    if (encoding == OtlpEncoding.JSON) {
      for (var resource : logs.getResourceLogsBuilderList()) {
        for (var scope : resource.getScopeLogsBuilderList()) {
          for (LogRecord.Builder event : scope.getLogRecordsBuilderList()) {
            event
                .setTraceId(fromHex("traceId", event.getTraceId(), TRACE_ID_BYTES))
                .setSpanId(fromHex("spanId", event.getSpanId(), SPAN_ID_BYTES));
          }
        }
      }
    }
    return logs.build();
  }

  private static void read(
      byte[] batch, OtlpEncoding encoding, Message.Builder into, String expected)
      throws UnreadableBatchException {
    try {
      if (encoding == OtlpEncoding.JSON) {
        JSON.merge(utf8(batch), into);
      } else {
        into.mergeFrom(batch);
      }
    } catch (InvalidProtocolBufferException | CharacterCodingException e) {
      throw new UnreadableBatchException(
          "The %d bytes are not an %s in %s: %s"
              .formatted(batch.length, expected, encoding.contentType(), e.getMessage()),
          e);
    }
  }

  private static String utf8(byte[] batch) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(batch)).toString();
  }

  private static ByteString fromHex(String field, ByteString readAsBase64, int bytes)
      throws UnreadableBatchException {
    if (readAsBase64.isEmpty()) {
      return readAsBase64;
    }
    String digits = Base64.getEncoder().encodeToString(readAsBase64.toByteArray());
    try {
      if (digits.length() == 2 * bytes) {
        return ByteString.copyFrom(HexFormat.of().parseHex(digits));
      }
    } catch (IllegalArgumentException e) {
      // told below, together with what has another length
    }
    throw new UnreadableBatchException(
        "%s is '%s'; expected %d hexadecimal digits".formatted(field, digits, 2 * bytes), null);
  }
}
