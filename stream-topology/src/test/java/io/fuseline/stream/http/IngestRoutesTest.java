package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.command.CommandStream;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.ingest.IngestSettings;
import io.fuseline.stream.ingest.Intake;
import io.fuseline.stream.ingest.NotKeptException;
import io.fuseline.stream.ingest.SpanIntake;
import io.fuseline.stream.ingest.SpanSink;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IngestRoutesTest {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final long NOW_MICROS = 1_767_225_700_000_000L;
  private static final String SPAN =
      """
      {"span_id": "span-1", "root_run_id": "run-1", "agent_id": "triage", "kind": "LLM", "provider": "anthropic",
       "response_model": "claude-opus-4-5", "end_time": "2026-01-01T00:00:00Z", "usage": {"input_tokens": 1200}}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<Intake> kept = new CopyOnWriteArrayList<>();
  private final List<CommandAck> acks = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource({PROTOBUF + ", false", PROTOBUF + ", true", JSON + ", false", JSON + ", true"})
  void shouldTakeABatchInEachEncodingPlainAndCompressed(String type, boolean gzip)
      throws Exception {
    start(IngestSettings.defaults(), kept::add);
    byte[] batch = type.equals(PROTOBUF) ? chat(7).toByteArray() : utf8(chatInJson(7));

    HttpResponse<byte[]> answer =
        gzip
            ? post("/v1/traces", type, gzip(batch), "Content-Encoding", "gzip")
            : post("/v1/traces", type, batch);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(type.equals(PROTOBUF) ? "{}" : text(answer)).isEqualTo("{}");
    assertThat(kept).hasSize(1);
    assertThat(kept.get(0).accepted()).hasSize(1);
    assertThat(kept.get(0).accepted().get(0).rootRunId())
        .isEqualTo("5b8efff798038103d269b633813fc60c");
    assertThat(kept.get(0).accepted().get(0).span().getSpanId()).isEqualTo("eee19b7ec3c1b174");
    assertThat(spans("traces", "accepted")).isEqualTo(1);
  }

  @Test
  void shouldTellWhatItRejectsAndKeepTheRest() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    byte[] batch = chat(7).toBuilder().mergeFrom(chat(-1)).build().toByteArray();

    HttpResponse<byte[]> answer = post("/v1/traces", PROTOBUF, batch);

    assertThat(answer.statusCode()).isEqualTo(200);
    var partial = ExportTraceServiceResponse.parseFrom(answer.body()).getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isEqualTo(1);
    assertThat(partial.getErrorMessage()).contains("1 of 2").contains("negative_usage");
    assertThat(kept.get(0).accepted()).hasSize(1);
    assertThat(ExportTraceServiceRequest.parseFrom(kept.get(0).rejected().get(0).original()))
        .isEqualTo(chat(-1));
    assertThat(spans("traces", "rejected")).isEqualTo(1);
    assertThat(meters.counter("fuseline.dead.letters", "reason", "negative_usage").count())
        .isEqualTo(1);
  }

  @Test
  void shouldTakeAnEmptyBatchInProtobuf() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    assertThat(post("/v1/traces", PROTOBUF, new byte[0]).statusCode()).isEqualTo(200);
    assertThat(post("/v1/logs", JSON, utf8("{}")).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldTakeNothingOfABatchThatIsCutOff() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    byte[] batch = chat(7).toBuilder().mergeFrom(chat(8)).build().toByteArray();

    HttpResponse<byte[]> answer =
        post("/v1/traces", PROTOBUF, Arrays.copyOf(batch, batch.length - 3));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(PROTOBUF);
    CodedInputStream status = CodedInputStream.newInstance(answer.body());
    assertThat(status.readTag()).isEqualTo(1 << 3);
    assertThat(status.readInt32()).isEqualTo(3); // INVALID_ARGUMENT
    assertThat(status.readTag()).isEqualTo(2 << 3 | 2);
    assertThat(status.readString())
        .contains("ExportTraceServiceRequest")
        .contains("nothing of it was taken");
    assertThat(kept).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "nonsense", "[1, 2]", "{\"resourceSpans\": 7}"})
  void shouldRefuseAsProblemAndStatusInOneWhenJsonIsBroken(String body) throws Exception {
    start(IngestSettings.defaults(), kept::add);

    HttpResponse<byte[]> answer = post("/v1/traces", JSON, utf8(body));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(JSON);
    JsonNode problem = json.readTree(answer.body());
    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:broken-body");
    assertThat(problem.path("code").asInt()).isEqualTo(3);
    assertThat(problem.path("message").asText()).contains("ExportTraceServiceRequest");
    assertThat(kept).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/traces, text/plain",
    "/v1/traces, ",
    "/v1/logs, application/grpc",
    "/v1/spans, application/x-protobuf",
    "/v1/spans, text/plain"
  })
  void shouldRefuseAContentTypeItDoesNotKnow(String path, String type) throws Exception {
    start(IngestSettings.defaults(), kept::add);

    HttpResponse<byte[]> answer = post(path, type, utf8("{}"));

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(problem(answer)).isEqualTo("urn:fuseline:problem:wrong-content-type");
    assertThat(meters.counter("fuseline.ingest.requests", "status", "415").count()).isEqualTo(1);
  }

  @Test
  void shouldRefuseABodyOverTheLimitHoweverItComes() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    byte[] large = new byte[20_000_000];

    assertThat(post("/v1/traces", PROTOBUF, large).statusCode()).isEqualTo(413);
    assertThat(
            http.send(
                    request("/v1/traces", PROTOBUF)
                        .POST(
                            BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(large)))
                        .build(),
                    BodyHandlers.ofByteArray())
                .statusCode())
        .isEqualTo(413);
    byte[] bomb = gzip(new byte[100_000_000]);
    assertThat(bomb).hasSizeLessThan(200_000);
    HttpResponse<byte[]> answer = post("/v1/spans", JSON, bomb, "Content-Encoding", "gzip");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(json.readTree(answer.body()).path("limit").asInt()).isEqualTo(16 << 20);
    assertThat(meters.get("fuseline.ingest.bytes.in.flight").gauge().value()).isZero();
  }

  @Test
  void shouldRefuseABodyThatIsNotTheGzipItSays() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    byte[] whole = gzip(utf8(SPAN));

    assertThat(post("/v1/spans", JSON, utf8(SPAN), "Content-Encoding", "gzip").statusCode())
        .isEqualTo(400);
    assertThat(
            post("/v1/spans", JSON, Arrays.copyOf(whole, 40), "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(400);
    assertThat(post("/v1/spans", JSON, utf8(SPAN), "Content-Encoding", "br").statusCode())
        .isEqualTo(415);
    assertThat(kept).isEmpty();
  }

  @Test
  void shouldAskToComeAgainWhenTooMuchIsInFlight() throws Exception {
    start(new IngestSettings(OptionalInt.empty(), Optional.empty(), 4096, 4096), kept::add);
    byte[] batch = utf8(SPAN.replace("triage", "t".repeat(400)));
    try (Socket slow = new Socket("127.0.0.1", server.port())) {
      OutputStream out = slow.getOutputStream();
      out.write(
          utf8(
              "POST /v1/spans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"));
      out.write(new byte[3_900]);
      out.flush();
      await()
          .untilAsserted(
              () ->
                  assertThat(meters.get("fuseline.ingest.bytes.in.flight").gauge().value())
                      .isEqualTo(3_900));

      HttpResponse<byte[]> refused = post("/v1/spans", JSON, batch);

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(problem(refused)).isEqualTo("urn:fuseline:problem:busy");
    }
    await()
        .untilAsserted(
            () -> assertThat(post("/v1/spans", JSON, batch).statusCode()).isEqualTo(200));
  }

  @ParameterizedTest
  @CsvSource({"TOO_MUCH, 429, 1", "UNREACHABLE, 503, 5"})
  void shouldAskToComeAgainWhenSpansCannotBeKept(
      NotKeptException.Cause cause, int status, String after) throws Exception {
    start(
        IngestSettings.defaults(),
        intake -> {
          throw new NotKeptException(cause, "The broker did not acknowledge", null);
        });

    for (String path : List.of("/v1/traces", "/v1/spans")) {
      HttpResponse<byte[]> answer =
          post(path, JSON, utf8(path.equals("/v1/spans") ? SPAN : chatInJson(7)));
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue(after);
    }
    assertThat(spans("traces", "accepted")).isZero();
    assertThat(spans("spans", "accepted")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "[%s]", " [ %s , %s ] ", "%s\n%s\n", "%s %s [%s]"})
  void shouldTakeSpansAsJsonHoweverTheyAreStrungTogether(String form) throws Exception {
    start(IngestSettings.defaults(), kept::add);
    int count = form.split("%s", -1).length - 1;

    HttpResponse<byte[]> answer =
        post("/v1/spans", JSON, utf8(form.replace("%s", SPAN.replace("\n", " "))));

    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(text(answer)).isEqualTo("{\"accepted\":" + count + ",\"ignored\":0}");
    assertThat(kept.get(0).accepted()).hasSize(count);
  }

  @Test
  void shouldTakeNoSpanWhenOneIsFaulty() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    String body =
        "[%s, %s, %s, 7]"
            .formatted(
                SPAN,
                SPAN.replace("1200", "-1"),
                SPAN.replace("\"kind\"", "\"knid\": 1, \"kind\""));

    HttpResponse<byte[]> answer = post("/v1/spans", JSON, utf8(body));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = json.readTree(answer.body());
    assertThat(problem.path("type").asText()).isEqualTo("urn:fuseline:problem:faulty-spans");
    assertThat(problem.path("count").asInt()).isEqualTo(3);
    assertThat(problem.path("faults").findValuesAsText("index")).containsExactly("1", "2", "3");
    assertThat(problem.path("faults").findValuesAsText("field"))
        .containsExactly("usage.input_tokens", "knid", "");
    assertThat(problem.at("/faults/0/message").asText()).contains("found -1");
    assertThat(kept).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "{", "[{}", "]", "{\"a\":1,\"a\":2}", "nonsense"})
  void shouldRefuseWhatIsNotJson(String body) throws Exception {
    start(IngestSettings.defaults(), kept::add);
    HttpResponse<byte[]> answer = post("/v1/spans", JSON, utf8(body));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(400);
    assertThat(problem(answer)).isEqualTo("urn:fuseline:problem:broken-body");
  }

  @Test
  void shouldTakeSpansFromKnownSendersOnlyWhenThereIsAToken() throws Exception {
    start(
        new IngestSettings(OptionalInt.empty(), Optional.of("s3cret"), 1 << 20, 1 << 20),
        kept::add);

    HttpResponse<byte[]> unknown = post("/v1/spans", JSON, utf8(SPAN));
    assertThat(unknown.statusCode()).isEqualTo(401);
    assertThat(unknown.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(
            post("/v1/traces", PROTOBUF, chat(1).toByteArray(), "Authorization", "Bearer wrong")
                .statusCode())
        .isEqualTo(401);
    assertThat(kept).isEmpty();
    assertThat(post("/v1/spans", JSON, utf8(SPAN), "Authorization", "bearer s3cret").statusCode())
        .isEqualTo(200);
  }

  @Test
  void shouldAlsoListenOnThePortOfOpenTelemetryWhenAsked() throws Exception {
    int port;
    try (var free = new java.net.ServerSocket(0)) {
      port = free.getLocalPort();
    }
    start(new IngestSettings(OptionalInt.of(port), Optional.empty(), 1 << 20, 1 << 20), kept::add);

    assertThat(port).isNotEqualTo(server.port());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/traces"))
            .header("Content-Type", PROTOBUF)
            .POST(BodyPublishers.ofByteArray(chat(1).toByteArray()))
            .build();
    assertThat(http.send(request, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
    assertThat(post("/v1/traces", PROTOBUF, chat(1).toByteArray()).statusCode()).isEqualTo(200);
    assertThat(kept).hasSize(2);
  }

  @Test
  void shouldTakeOutcomesOfNowWhenTheySayNoTime() throws Exception {
    start(IngestSettings.defaults(), kept::add);

    HttpResponse<byte[]> answer =
        post(
            "/v1/outcomes",
            JSON,
            utf8(
                """
                [{"outcome_id": "o1", "root_run_id": "r1", "type": "ticket_resolved", "success": true, "value": "7.50"},
                 {"outcome_id": "o2", "root_run_id": "r1", "type": "ticket_resolved", "success": false,
                  "occurred_at": "2026-01-01T00:00:00Z"}]
                """));

    assertThat(text(answer)).isEqualTo("{\"accepted\":2}");
    var outcomes = kept.get(0).outcomes();
    assertThat(outcomes.get(0).occurredMicros()).isEqualTo(NOW_MICROS);
    assertThat(outcomes.get(0).valuePico()).isEqualTo(7_500_000_000_000L);
    assertThat(outcomes.get(0).successes()).isEqualTo(1);
    assertThat(outcomes.get(1).failures()).isEqualTo(1);
    assertThat(spans("outcomes", "accepted")).isEqualTo(2);
  }

  @Test
  void shouldTakeNoOutcomeWhenOneIsFaulty() throws Exception {
    start(IngestSettings.defaults(), kept::add);

    HttpResponse<byte[]> answer =
        post(
            "/v1/outcomes",
            JSON,
            utf8(
                """
                {"outcome_id": "o1", "root_run_id": "r1", "type": "ticket_resolved", "success": true}
                {"outcome_id": "o2", "root_run_id": "r1", "type": "", "success": true}
                {"outcome_id": "o3", "root_run_id": "r1", "success": true, "typ": "x"}
                """));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(problem(answer)).isEqualTo("urn:fuseline:problem:faulty-outcomes");
    assertThat(text(answer)).contains("\"index\":1", "\"field\":\"type\"", "\"index\":2");
    assertThat(kept).isEmpty();
  }

  @Test
  void shouldKeepForeignPagesOut() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    // What a page may send to another site without asking first: a form or plain text.
    for (String type : List.of("text/plain", "application/x-www-form-urlencoded")) {
      assertThat(post("/v1/spans", type, utf8(SPAN)).statusCode()).isEqualTo(415);
    }
    assertThat(kept).isEmpty();
  }

  private static final String ACK =
      """
      {"command_id": "cmd-1", "result": "STOPPED", "tenant_id": "acme", "target_type": "RUN", "target": "run-1",
       "epoch": 1772452800000000, "runtime": "pod-1", "root_run_ids": ["run-1"], "spend_at_stop": "12.75"}
      """;

  @Test
  void shouldKeepAnswersToCommands() throws Exception {
    start(IngestSettings.defaults(), kept::add);
    Instant before = Instant.now().truncatedTo(ChronoUnit.MICROS);

    HttpResponse<byte[]> one = post("/v1/acks", JSON, utf8(ACK));
    HttpResponse<byte[]> more =
        post(
            "/v1/acks",
            JSON,
            utf8("[" + ACK.replace("cmd-1", "cmd-2").replace("STOPPED", "PARTIAL") + "]"));

    assertThat(one.statusCode()).as(text(one)).isEqualTo(200);
    assertThat(json.readTree(more.body()).path("accepted").asInt()).isEqualTo(1);
    assertThat(acks)
        .extracting(CommandAck::getCommandId, CommandAck::getResult)
        .containsExactly(tuple("cmd-1", AckResult.STOPPED), tuple("cmd-2", AckResult.PARTIAL));
    CommandAck first = acks.get(0);
    assertThat(first.getTargetType()).isEqualTo(TargetType.RUN);
    assertThat(first.getEpoch()).isEqualTo(1_772_452_800_000_000L);
    assertThat(first.getRootRunIds()).containsExactly("run-1");
    assertThat(first.getSpendAtStop()).isEqualByComparingTo("12.75");
    assertThat(first.getAckedAt()).isBetween(before, Instant.now());
  }

  @ParameterizedTest
  @CsvSource({
    "STOPPED, STOPED, result",
    "RUN, run, target_type",
    "command_id, command, command_id",
    "pod-1, ' ', runtime",
    "12.75, plenty, spend_at_stop"
  })
  void shouldSayWhatIsWrongWithAnAnswerAndTakeNoneOfItsBatch(
      String right, String wrong, String named) throws Exception {
    start(IngestSettings.defaults(), kept::add);

    HttpResponse<byte[]> answer =
        post(
            "/v1/acks",
            JSON,
            utf8("[" + ACK + "," + ACK.replace('"' + right + '"', '"' + wrong + '"') + "]"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text(answer)).contains("faulty-acks", "Answer 2, " + named);
    assertThat(acks).isEmpty();
  }

  @Test
  void shouldTakeAnswersFromThoseWithTheTokenOnlyWhenOneIsSet() throws Exception {
    start(
        new IngestSettings(
            OptionalInt.empty(),
            Optional.of("s3cret"),
            IngestSettings.DEFAULT_BODY_BYTES,
            IngestSettings.DEFAULT_BYTES_IN_FLIGHT),
        kept::add);

    assertThat(post("/v1/acks", JSON, utf8(ACK)).statusCode()).isEqualTo(401);
    assertThat(post("/v1/acks", JSON, utf8(ACK), "Authorization", "Bearer s3cret").statusCode())
        .isEqualTo(200);
    assertThat(acks).hasSize(1);
  }

  private void start(IngestSettings settings, SpanSink sink) {
    Ingest ingest =
        new Ingest(
            new SpanIntake(Normaliser.standard(), () -> NOW_MICROS),
            sink,
            acks::addAll,
            settings,
            new FuselineMetrics(meters, "USD"));
    Clock clock = Clock.systemUTC();
    server =
        HttpServer.start(
            HttpSettings.onLoopback(0),
            ingest,
            ExampleQueries.fleet(clock),
            ExampleQueries.fleet(clock),
            null,
            null,
            null,
            new CommandStream(),
            () -> "");
  }

  private HttpRequest.Builder request(String path, String type) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    return type == null ? request : request.header("Content-Type", type);
  }

  private HttpResponse<byte[]> post(String path, String type, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path, type);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(
        request.POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
  }

  private double spans(String way, String fate) {
    return meters.counter("fuseline.ingest.spans", "way", way, "fate", fate).count();
  }

  private String problem(HttpResponse<byte[]> answer) throws IOException {
    return json.readTree(answer.body()).path("type").asText();
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    }
    return bytes.toByteArray();
  }

  private static ExportTraceServiceRequest chat(long inputTokens) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .addSpans(
                            Span.newBuilder()
                                .setTraceId(hex("5b8efff798038103d269b633813fc60c"))
                                .setSpanId(hex("eee19b7ec3c1b174"))
                                .setName("chat gpt-5")
                                .setStartTimeUnixNano(1_767_225_600_000_000_000L)
                                .setEndTimeUnixNano(1_767_225_601_000_000_000L)
                                .addAttributes(
                                    KeyValue.newBuilder()
                                        .setKey("gen_ai.operation.name")
                                        .setValue(AnyValue.newBuilder().setStringValue("chat")))
                                .addAttributes(
                                    KeyValue.newBuilder()
                                        .setKey("gen_ai.usage.input_tokens")
                                        .setValue(
                                            AnyValue.newBuilder().setIntValue(inputTokens))))))
        .build();
  }

  private static String chatInJson(long inputTokens) {
    return """
        {"resourceSpans": [{"scopeSpans": [{"spans": [{
          "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "chat gpt-5",
          "startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225601000000000",
          "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                         {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "%d"}}]}]}]}]}
        """
        .formatted(inputTokens);
  }

  private static ByteString hex(String digits) {
    return ByteString.copyFrom(java.util.HexFormat.of().parseHex(digits));
  }
}
