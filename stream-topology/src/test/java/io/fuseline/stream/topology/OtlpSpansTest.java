package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.ingest.OtlpTexts;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenTelemetry batches on a topic, as the Collector's Kafka exporter writes them. */
class OtlpSpansTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Topics TOPICS = Topics.defaults();
  private static final String TRACE = "5b8efff798038103d269b633813fc60c";

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final PlainSerdes serdes = new PlainSerdes();
  @TempDir private Path stateDir;
  private Topology topology;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> batches;
  private TestOutputTopic<String, PricedSpan> priced;
  private TestOutputTopic<byte[], byte[]> deadLetters;

  @BeforeEach
  void start() {
    FuselineMetrics metrics = new FuselineMetrics(meters, "USD");
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "fuseline");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, TOPICS.deadLetters().name());
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InvalidSpanHandler.class);
    config.put(DeadLetters.CONFIG, new DeadLetters(metrics, 100));
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.class);
    topology =
        new CostTopology(
                new StreamsConfig(config),
                serdes,
                TopologySettings.defaults().withOtlpSpans(),
                metrics)
            .build();
    Properties properties = new Properties();
    properties.putAll(config);
    driver = new TopologyTestDriver(topology, properties, NOON);
    ByteArraySerializer bytes = new ByteArraySerializer();
    batches = driver.createInputTopic(TOPICS.otlpSpans().name(), bytes, bytes, NOON, Duration.ZERO);
    priced =
        driver.createOutputTopic(
            TOPICS.pricedSpans().name(),
            new StringDeserializer(),
            serdes.of(PricedSpan.class).deserializer());
    deadLetters =
        driver.createOutputTopic(
            TOPICS.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    TestInputTopic<String, PriceEntry> prices =
        driver.createInputTopic(
            TOPICS.prices().name(),
            new StringSerializer(),
            serdes.of(PriceEntry.class).serializer());
    DefaultPrices.load().forEach(price -> prices.pipeInput(price.getPriceId(), price));
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void shouldKeepItsNamesWhenBuilt() throws IOException {
    Path golden = Path.of("src/test/resources/topology-with-otlp-spans.txt");
    if (System.getProperty("golden.update") != null) {
      Files.writeString(golden, topology.describe().toString());
    }
    assertThat(topology.describe().toString()).isEqualTo(Files.readString(golden));
  }

  @Test
  void shouldPriceSpansFromBothEncodingsUnderTheirRuns() {
    batches.pipeInput(utf8(batch(chat(1), chat(2))));
    batches.pipeInput(OtlpTexts.protobuf(batch(chat(3))));

    List<PricedSpan> spans = priced.readValuesToList();
    assertThat(spans).hasSize(3).allMatch(span -> span.getRootRunId().equals(TRACE));
    assertThat(spans) // 1000 × 5e-6 + 100 × 25e-6
        .allSatisfy(span -> assertThat(span.getListCost()).isEqualByComparingTo("0.0075"));
    assertThat(count("accepted")).isEqualTo(3);
    assertThat(meters.counter("fuseline.miskeyed").count()).isZero();
  }

  @Test
  void shouldBookOnceWhenABatchComesTwice() {
    batches.pipeInput(OtlpTexts.protobuf(batch(chat(1))));
    batches.pipeInput(utf8(batch(chat(1))));

    assertThat(priced.readValuesToList()).hasSize(1);
    assertThat(meters.counter("fuseline.duplicates").count()).isEqualTo(1);
  }

  @Test
  void shouldSendBrokenBatchesWholeAndBadSpansAloneToTheDeadLetters() throws IOException {
    byte[] whole = OtlpTexts.protobuf(batch(chat(1)));
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 4);
    batches.pipeInput(cut);
    batches.pipeInput(utf8("{\"resourceSpans\": 7}"));
    batches.pipeInput(new TestRecord<>(null, null, NOON));
    batches.pipeInput(utf8(batch(chat(2), chat(3).replace("1000", "-1"), http(4))));

    List<TestRecord<byte[], byte[]>> letters = deadLetters.readRecordsToList();
    assertThat(letters)
        .extracting(OtlpSpansTest::reason)
        .containsExactly("broken_otlp", "broken_otlp", "empty_record", "negative_usage");
    assertThat(letters.get(0).value()).isEqualTo(cut);
    List<Span> bad =
        ExportTraceServiceRequest.parseFrom(letters.get(3).value())
            .getResourceSpans(0)
            .getScopeSpans(0)
            .getSpansList();
    assertThat(bad).hasSize(1);
    assertThat(bad.get(0).getSpanId().byteAt(7)).isEqualTo((byte) 3);
    assertThat(priced.readValuesToList())
        .extracting(PricedSpan::getSpanId)
        .containsExactly("0000000000000002");
    assertThat(count("ignored")).isEqualTo(1);
    assertThat(count("rejected")).isEqualTo(1);
    assertThat(meters.counter("fuseline.dead.letters", "reason", "broken_otlp").count())
        .isEqualTo(2);
  }

  private static String batch(String... spans) {
    return "{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": ["
        + String.join(",", spans)
        + "]}]}]}";
  }

  private static String chat(int id) {
    return """
        {"traceId": "%s", "spanId": "%016d", "name": "chat", "startTimeUnixNano": "%d", "endTimeUnixNano": "%d",
         "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.provider.name", "value": {"stringValue": "anthropic"}},
                        {"key": "gen_ai.response.model", "value": {"stringValue": "claude-opus-4-5"}},
                        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000"}},
                        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "100"}}]}
        """
        .formatted(TRACE, id, NOON.toEpochMilli() * 1_000_000, NOON.toEpochMilli() * 1_000_000);
  }

  private static String http(int id) {
    return "{\"traceId\": \"%s\", \"spanId\": \"%016d\", \"name\": \"GET /\"}".formatted(TRACE, id);
  }

  private double count(String fate) {
    return meters.counter("fuseline.ingest.spans", "way", "otlp-topic", "fate", fate).count();
  }

  private static String reason(TestRecord<byte[], byte[]> letter) {
    String message =
        new String(
            letter.headers().lastHeader("__streams.errors.message").value(),
            StandardCharsets.UTF_8);
    return message.replaceAll("(?s).*?([a-z_]+): .*", "$1");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
