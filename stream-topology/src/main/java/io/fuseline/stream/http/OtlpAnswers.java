package io.fuseline.stream.http;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.fuseline.stream.ingest.Intake;
import io.fuseline.stream.ingest.OtlpEncoding;
import io.javalin.http.Context;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Answers as the OpenTelemetry protocol wants them: in the encoding of the request, and errors as a
 * {@code google.rpc.Status}. In JSON one document is both that and our problem document: each
 * reader passes over the other's members.
 */
final class OtlpAnswers {
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final int MOST_REJECTIONS_TOLD = 3;

  /** Fields of google.rpc.Status. */
  private static final int STATUS_CODE = 1;

  private static final int STATUS_MESSAGE = 2;

  private OtlpAnswers() {}

  static void ofTraces(Context context, OtlpEncoding encoding, Intake intake) {
    ExportTraceServiceResponse.Builder answer = ExportTraceServiceResponse.newBuilder();
    if (!intake.rejected().isEmpty()) {
      answer.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(intake.rejected().size())
              .setErrorMessage(rejections(intake)));
    }
    write(context, encoding, answer.build());
  }

  static void ofLogs(Context context, OtlpEncoding encoding, Intake intake) {
    ExportLogsServiceResponse.Builder answer = ExportLogsServiceResponse.newBuilder();
    if (!intake.rejected().isEmpty()) {
      answer.setPartialSuccess(
          ExportLogsPartialSuccess.newBuilder()
              .setRejectedLogRecords(intake.rejected().size())
              .setErrorMessage(rejections(intake)));
    }
    write(context, encoding, answer.build());
  }

  static void problem(Context context, OtlpEncoding encoding, Problem problem) {
    int code = rpcCode(problem.kind());
    String message = problem.getMessage() + " " + problem.action();
    context.status(problem.kind().status()).contentType(encoding.contentType());
    if (problem.retryAfter() != null) {
      context.header("Retry-After", problem.retryAfter());
    }
    if (encoding == OtlpEncoding.PROTOBUF) {
      context.result(status(code, message));
    } else {
      Map<String, Object> document = problem.document();
      document.put("code", code);
      document.put("message", message);
      context.result(Json.write(document));
    }
  }

  private static String rejections(Intake intake) {
    return intake.rejected().stream()
        .limit(MOST_REJECTIONS_TOLD)
        .map(rejected -> rejected.reason() + ": " + rejected.message())
        .collect(
            Collectors.joining(
                "; ",
                intake.rejected().size()
                    + " of "
                    + intake.received()
                    + " cannot be booked and stand on the dead-letter topic: ",
                intake.rejected().size() > MOST_REJECTIONS_TOLD ? "; …" : ""));
  }

  private static void write(Context context, OtlpEncoding encoding, Message answer) {
    context.contentType(encoding.contentType());
    try {
      context.result(
          encoding == OtlpEncoding.PROTOBUF
              ? answer.toByteArray()
              : JSON.print(answer).getBytes(StandardCharsets.UTF_8));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Cannot write " + answer.getClass() + " as JSON", e);
    }
  }

  private static byte[] status(int code, String message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeInt32(STATUS_CODE, code);
      out.writeString(STATUS_MESSAGE, message);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** As google.rpc.Code counts. */
  private static int rpcCode(Problem.Kind kind) {
    return switch (kind.status()) {
      case 401 -> 16; // UNAUTHENTICATED
      case 429 -> 8; // RESOURCE_EXHAUSTED
      case 503 -> 14; // UNAVAILABLE
      case 500 -> 13; // INTERNAL
      default -> 3; // INVALID_ARGUMENT
    };
  }
}
