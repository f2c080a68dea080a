package io.fuseline.stream.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fuseline.enrichment.normalise.SourceSpan;
import io.fuseline.schemas.SpanStatus;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpBatchesTest {
  private static final String TRACE = "5b8efff798038103d269b633813fc60c";
  private static final String SPAN = "eee19b7ec3c1b174";
  private static final String PARENT = "eee19b7ec3c1b173";

  /** As an exporter of OpenTelemetry for JavaScript writes it. */
  private static final String JSON =
      """
      {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "triage"}}], "droppedAttributesCount": 0},
        "scopeSpans": [{
          "scope": {"name": "ai", "version": "6.0.1"},
          "spans": [{
            "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "parentSpanId": "eee19b7ec3c1b173",
            "name": "ai.generateText.doGenerate", "kind": 1,
            "startTimeUnixNano": "1767225600000001000", "endTimeUnixNano": 1767225601000002999,
            "attributes": [
              {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "9007199254740993"}},
              {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 7}},
              {"key": "cost", "value": {"doubleValue": 0.25}},
              {"key": "stream", "value": {"boolValue": true}},
              {"key": "blob", "value": {"bytesValue": "AQID"}},
              {"key": "reasons", "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}},
              {"key": "nothing", "value": {}}],
            "events": [{"name": "ai.stream.firstChunk", "timeUnixNano": "1767225600500000000", "attributes": []}],
            "status": {"code": "STATUS_CODE_ERROR", "message": "overloaded"},
            "somethingNew": [1, 2, 3]
          }]
        }]
      }]}
      """;

  @Test
  void shouldReadTheSameFromBothEncodings() throws Exception {
    SourceSpan fromJson = only(OtlpBatches.traces(utf8(JSON), OtlpEncoding.JSON));
    SourceSpan fromProtobuf =
        only(OtlpBatches.traces(protobuf().toByteArray(), OtlpEncoding.PROTOBUF));

    assertThat(fromJson).usingRecursiveComparison().isEqualTo(fromProtobuf);
    assertThat(fromJson.traceId()).isEqualTo(TRACE);
    assertThat(fromJson.spanId()).isEqualTo(SPAN);
    assertThat(fromJson.parentSpanId()).isEqualTo(PARENT);
    assertThat(fromJson.startMicros()).isEqualTo(1_767_225_600_000_001L);
    assertThat(fromJson.endMicros()).isEqualTo(1_767_225_601_000_002L);
    assertThat(fromJson.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(fromJson.statusMessage()).isEqualTo("overloaded");
    assertThat(fromJson.resource()).isEqualTo(Map.of("service.name", "triage"));
    assertThat(fromJson.attributes())
        .containsEntry("gen_ai.usage.input_tokens", 9_007_199_254_740_993L)
        .containsEntry("reasons", List.of("stop"))
        .doesNotContainKey("nothing");
    assertThat(fromJson.scopeName()).isEqualTo("ai");
  }

  @Test
  void shouldTellTheEncodingByTheBytes() {
    assertThat(OtlpEncoding.of(utf8(" \n" + JSON))).isEqualTo(OtlpEncoding.JSON);
    assertThat(OtlpEncoding.of(protobuf().toByteArray())).isEqualTo(OtlpEncoding.PROTOBUF);
    assertThat(OtlpEncoding.of(new byte[0])).isEqualTo(OtlpEncoding.PROTOBUF);
  }

  @Test
  void shouldHaveNoParentWhenASpanIsTheRoot() throws Exception {
    String root = JSON.replace("\"parentSpanId\": \"" + PARENT + "\"", "\"parentSpanId\": \"\"");
    assertThat(only(OtlpBatches.traces(utf8(root), OtlpEncoding.JSON)).parentSpanId()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5b8efff798038103d269b633813fc60",
        "5b8efff798038103d269b633813fc60z",
        "eee19b7ec3c1b174",
        "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/"
      })
  void shouldRefuseWhatIsNoTraceId(String id) {
    assertThatThrownBy(() -> OtlpBatches.traces(utf8(JSON.replace(TRACE, id)), OtlpEncoding.JSON))
        .isInstanceOf(UnreadableBatchException.class)
        .hasMessageContaining("traceId")
        .hasMessageContaining("expected 32 hexadecimal digits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "7", "{\"resourceSpans\": 7}", "{\"resourceSpans\": [", "\u0000"})
  void shouldRefuseWhatIsNoBatchInJson(String json) {
    assertThatThrownBy(() -> OtlpBatches.traces(utf8(json), OtlpEncoding.JSON))
        .isInstanceOf(UnreadableBatchException.class)
        .hasMessageContaining("ExportTraceServiceRequest");
  }

  @Test
  void shouldRefuseJsonThatNestsWithoutEnd() {
    String deep = "{\"resourceSpans\": " + "[".repeat(2_000_000);
    assertThatThrownBy(() -> OtlpBatches.traces(utf8(deep), OtlpEncoding.JSON))
        .isInstanceOf(UnreadableBatchException.class);
    String value = "{\"arrayValue\":{\"values\":[".repeat(100_000);
    String attribute =
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"a\",\"value\":" + value;
    assertThatThrownBy(() -> OtlpBatches.traces(utf8(attribute), OtlpEncoding.JSON))
        .isInstanceOf(UnreadableBatchException.class);
  }

  @Test
  void shouldRefuseProtobufThatIsCutOff() {
    byte[] whole = protobuf().toByteArray();
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 5);
    assertThatThrownBy(() -> OtlpBatches.traces(cut, OtlpEncoding.PROTOBUF))
        .isInstanceOf(UnreadableBatchException.class)
        .hasMessageContaining(cut.length + " bytes");
  }

  @Test
  void shouldReadAnEmptyBatchInProtobuf() throws Exception {
    assertThat(OtlpReader.spans(OtlpBatches.traces(new byte[0], OtlpEncoding.PROTOBUF))).isEmpty();
  }

  @Test
  void shouldNameAnEventByFieldBodyOrAttribute() throws Exception {
    String logs =
        """
        {"resourceLogs": [{"scopeLogs": [{"scope": {"name": "com.anthropic.claude_code"}, "logRecords": [
          {"eventName": "by-field", "body": {"stringValue": "by-body"}, "timeUnixNano": "1767225600000001000"},
          {"body": {"stringValue": "by-body"}, "observedTimeUnixNano": "1767225600000002000"},
          {"attributes": [{"key": "event.name", "value": {"stringValue": "by-attribute"}}]}]}]}]}
        """;
    List<SourceLog> events =
        OtlpReader.events(OtlpBatches.logs(utf8(logs), OtlpEncoding.JSON)).stream()
            .map(OtlpItem::source)
            .toList();
    assertThat(events)
        .extracting(log -> log.event().name())
        .containsExactly("by-field", "by-body", "by-attribute");
    assertThat(events)
        .extracting(log -> log.event().timeMicros())
        .containsExactly(1_767_225_600_000_001L, 1_767_225_600_000_002L, 0L);
  }

  @Test
  void shouldGiveEachSpanBackAsABatchOfItsOwn() throws Exception {
    ExportTraceServiceRequest two =
        protobuf().toBuilder().addResourceSpans(protobuf().getResourceSpans(0)).build();
    List<OtlpItem<SourceSpan>> spans = OtlpReader.spans(two);
    assertThat(spans).hasSize(2);
    assertThat(spans.get(1).original().get()).isEqualTo(protobuf());
  }

  private static SourceSpan only(ExportTraceServiceRequest batch) {
    List<OtlpItem<SourceSpan>> spans = OtlpReader.spans(batch);
    assertThat(spans).hasSize(1);
    return spans.get(0).source();
  }

  private static ExportTraceServiceRequest protobuf() {
    Span span =
        Span.newBuilder()
            .setTraceId(bytes(TRACE))
            .setSpanId(bytes(SPAN))
            .setParentSpanId(bytes(PARENT))
            .setName("ai.generateText.doGenerate")
            .setStartTimeUnixNano(1_767_225_600_000_001_000L)
            .setEndTimeUnixNano(1_767_225_601_000_002_999L)
            .addAttributes(
                attribute(
                    "gen_ai.usage.input_tokens",
                    AnyValue.newBuilder().setIntValue(9_007_199_254_740_993L)))
            .addAttributes(
                attribute("gen_ai.usage.output_tokens", AnyValue.newBuilder().setIntValue(7)))
            .addAttributes(attribute("cost", AnyValue.newBuilder().setDoubleValue(0.25)))
            .addAttributes(attribute("stream", AnyValue.newBuilder().setBoolValue(true)))
            .addAttributes(
                attribute(
                    "blob",
                    AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {1, 2, 3}))))
            .addAttributes(
                attribute(
                    "reasons",
                    AnyValue.newBuilder()
                        .setArrayValue(
                            ArrayValue.newBuilder()
                                .addValues(AnyValue.newBuilder().setStringValue("stop")))))
            .addEvents(
                Span.Event.newBuilder()
                    .setName("ai.stream.firstChunk")
                    .setTimeUnixNano(1_767_225_600_500_000_000L))
            .setStatus(
                Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage("overloaded"))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(
                    Resource.newBuilder()
                        .addAttributes(
                            attribute(
                                "service.name", AnyValue.newBuilder().setStringValue("triage"))))
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(
                            InstrumentationScope.newBuilder().setName("ai").setVersion("6.0.1"))
                        .addSpans(span)))
        .build();
  }

  private static KeyValue attribute(String key, AnyValue.Builder value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
