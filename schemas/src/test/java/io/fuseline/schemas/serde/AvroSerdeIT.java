package io.fuseline.schemas.serde;

import static io.fuseline.schemas.serde.RegistrySettings.AUTO_REGISTER_SCHEMAS;
import static io.fuseline.schemas.serde.RegistrySettings.SCHEMA_REGISTRY_URL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.SpanKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdeIT {
  private static final String URL = LocalRegistryProcess.shared().url();
  private static final int UNKNOWN_ID = 999_999;

  private final SchemaRegistryClient registry = new CachedSchemaRegistryClient(URL, 100);

  @Test
  void shouldWriteTheConfluentWireFormat() throws Exception {
    byte[] bytes = serde("wire").serializer().serialize("wire", span("s1"));

    ByteBuffer record = ByteBuffer.wrap(bytes);
    assertThat(record.get()).isZero();
    int id = record.getInt();
    Schema published = SchemaRegistration.publishedSchema(AgentSpan.class);
    assertThat(id).isEqualTo(registry.getId("wire-value", new AvroSchema(published)));
    Schema writer = (Schema) registry.getSchemaById(id).rawSchema();
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(writer)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    assertThat(read.get("span_id")).hasToString("s1");
  }

  @Test
  void shouldUseTheKeySubjectForKeys() throws Exception {
    AvroSerde<AgentSpan> serde = new AvroSerde<>(AgentSpan.class);
    serde.configure(Map.of(SCHEMA_REGISTRY_URL, URL, AUTO_REGISTER_SCHEMAS, true), true);

    serde.serializer().serialize("keyed", span("s1"));

    assertThat(registry.getAllSubjects()).contains("keyed-key").doesNotContain("keyed-value");
  }

  @Test
  void shouldKeepTombstones() {
    AvroSerde<AgentSpan> serde = serde("tombstones");

    assertThat(serde.serializer().serialize("tombstones", null)).isNull();
    assertThat(serde.deserializer().deserialize("tombstones", null)).isNull();
    assertThat(
            serde.deserializer().deserialize("tombstones", new RecordHeaders(), (ByteBuffer) null))
        .isNull();
  }

  @Test
  void shouldReadFromTheMiddleOfABufferAndFromDirectMemory() {
    AvroSerde<AgentSpan> serde = serde("buffers");
    byte[] bytes = serde.serializer().serialize("buffers", span("s1"));
    byte[] framed = new byte[bytes.length + 7];
    System.arraycopy(bytes, 0, framed, 3, bytes.length);
    ByteBuffer middle = ByteBuffer.wrap(framed, 3, bytes.length).slice();
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();

    for (ByteBuffer buffer : List.of(middle, direct)) {
      assertThat(serde.deserializer().deserialize("buffers", new RecordHeaders(), buffer))
          .isEqualTo(span("s1"));
    }
  }

  @Test
  void shouldServeManyThreadsAtOnce() throws Exception {
    AvroSerde<AgentSpan> serde = serde("threads");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work =
          IntStream.range(0, 8)
              .<Callable<Void>>mapToObj(
                  thread ->
                      () -> {
                        for (int i = 0; i < 2_000; i++) {
                          AgentSpan span = span("s".repeat(i % 300) + thread);
                          byte[] bytes = serde.serializer().serialize("threads", span);
                          assertThat(serde.deserializer().deserialize("threads", bytes))
                              .isEqualTo(span);
                        }
                        return null;
                      })
              .toList();
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void shouldWriteHugeRecordsAndSmallOnesAfterwards() {
    AvroSerde<AgentSpan> serde = serde("sizes");

    for (int length : new int[] {1 << 21, 1, 5_000, 0}) {
      AgentSpan span = span("x".repeat(length));
      byte[] bytes = serde.serializer().serialize("sizes", span);
      assertThat(serde.deserializer().deserialize("sizes", bytes)).isEqualTo(span);
    }
  }

  @Test
  void shouldReadWhatAnOlderSchemaWrote() throws Exception {
    Schema older =
        new SchemaParser()
            .parse(
                """
                {"type": "record", "name": "Outcome", "namespace": "io.fuseline.schemas", "fields": [
                  {"name": "outcome_id", "type": "string"},
                  {"name": "forgotten", "type": "long"},
                  {"name": "root_run_id", "type": "string"},
                  {"name": "type", "type": "string"},
                  {"name": "success", "type": "boolean"},
                  {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}
                """)
            .mainSchema();
    GenericRecord written = new GenericData.Record(older);
    written.put("outcome_id", "o");
    written.put("forgotten", 42L);
    written.put("root_run_id", "r");
    written.put("type", "ticket_resolved");
    written.put("success", true);
    written.put("occurred_at", 0L);
    int id = registry.register("older-value", new AvroSchema(older));

    Outcome read = deserializer(Outcome.class).deserialize("older", wire(id, written));

    assertThat(read.getRootRunId()).isEqualTo("r");
    assertThat(read.getCount()).isEqualTo(1);
    assertThat(read.getCurrency()).isEqualTo("USD");
  }

  @Test
  void shouldRefuseARecordOfAnotherType() {
    byte[] span = serde("other-type").serializer().serialize("other-type", span("s1"));

    assertThatThrownBy(() -> deserializer(Outcome.class).deserialize("other-type", span))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("Topic other-type")
        .hasMessageContaining("io.fuseline.schemas.Outcome");
  }

  @Test
  void shouldRefuseASchemaThatIsNotAvro() throws Exception {
    int id = registerProtobufSchema("not-avro-value");

    assertThatThrownBy(
            () ->
                deserializer(Outcome.class)
                    .deserialize(
                        "not-avro", ByteBuffer.allocate(9).put((byte) 0).putInt(id).array()))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("is not an Avro schema");
  }

  @Test
  void shouldRefuseTruncatedBytesWhereverTheyEnd() {
    AvroSerde<AgentSpan> serde = serde("truncated");
    byte[] bytes = serde.serializer().serialize("truncated", span("s1"));

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> serde.deserializer().deserialize("truncated", cut))
          .isInstanceOf(UndecodableRecordException.class);
    }
    assertThat(serde.deserializer().deserialize("truncated", bytes)).isEqualTo(span("s1"));
  }

  @Test
  void shouldRefuseBytesLeftOver() {
    AvroSerde<AgentSpan> serde = serde("left-over");
    byte[] bytes = serde.serializer().serialize("left-over", span("s1"));

    assertThatThrownBy(
            () ->
                serde
                    .deserializer()
                    .deserialize("left-over", Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("left over");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"span_id\": \"s1\"}", "\u0001\u0000\u0000\u0000\u0001abc"})
  void shouldRefuseAnotherFraming(String bytes) {
    assertThatThrownBy(
            () -> deserializer(AgentSpan.class).deserialize("framing", bytes.getBytes("UTF-8")))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("Topic framing")
        .hasMessageContaining("0x%02x".formatted((int) bytes.charAt(0)))
        .hasMessageContaining("Confluent wire format");
  }

  @Test
  void shouldNotReserveWhatCorruptLengthsClaim() {
    AvroSerde<AgentSpan> serde = serde("bombs");
    byte[] bytes = serde.serializer().serialize("bombs", span("s1"));
    byte[] header = Arrays.copyOf(bytes, 5);
    // A first string of 2 GB, in Avro's variable-length coding.
    byte[] bomb =
        ByteBuffer.allocate(11).put(header).put(new byte[] {-2, -1, -1, -1, 15, 0}).array();

    assertThatThrownBy(() -> serde.deserializer().deserialize("bombs", bomb))
        .isInstanceOf(UndecodableRecordException.class);
  }

  @Test
  void shouldBlameTheRecordWhenItsSchemaIdIsUnknown() {
    byte[] bytes = ByteBuffer.allocate(6).put((byte) 0).putInt(UNKNOWN_ID).array();

    assertThatThrownBy(() -> deserializer(AgentSpan.class).deserialize("unknown", bytes))
        .isInstanceOf(UndecodableRecordException.class)
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("Topic unknown")
        .hasMessageContaining("schema " + UNKNOWN_ID)
        .hasMessageContaining(URL);
  }

  @Test
  void shouldAskOnceWhenManyRecordsHaveTheSameUnknownId() throws Exception {
    try (Doorman doorman = Doorman.before(URL)) {
      byte[] bytes = ByteBuffer.allocate(6).put((byte) 0).putInt(UNKNOWN_ID).array();

      for (int i = 0; i < 100; i++) {
        AvroDeserializer<AgentSpan> deserializer = deserializer(AgentSpan.class, doorman.url());
        assertThatThrownBy(() -> deserializer.deserialize("storm", bytes))
            .isInstanceOf(UndecodableRecordException.class);
      }

      assertThat(doorman.requests()).hasSize(1);
    }
  }

  @Test
  void shouldAskOnceForAllSerdesOfTheProcessAndKnowWhatItWroteItself() throws Exception {
    try (Doorman doorman = Doorman.before(URL)) {
      serde("shared").serializer().serialize("shared", span("s0"));

      for (int i = 0; i < 10; i++) {
        AvroSerde<AgentSpan> serde =
            AvroSerde.ofValues(AgentSpan.class, Map.of(SCHEMA_REGISTRY_URL, doorman.url()));
        byte[] bytes = serde.serializer().serialize("shared", span("s" + i));
        serde.deserializer().deserialize("shared", bytes);
      }

      assertThat(doorman.requests())
          .singleElement()
          .asString()
          .startsWith("POST /subjects/shared-value?");
    }
  }

  @Test
  void shouldSayWhatToDoWhenTheSchemaIsNotRegistered() {
    AvroSerde<AgentSpan> serde =
        AvroSerde.ofValues(AgentSpan.class, Map.of(SCHEMA_REGISTRY_URL, URL));

    assertThatThrownBy(() -> serde.serializer().serialize("nowhere", span("s1")))
        .isInstanceOf(SchemaNotRegisteredException.class)
        .hasMessageContaining("io.fuseline.schemas.AgentSpan")
        .hasMessageContaining("nowhere-value")
        .hasMessageContaining(URL)
        .hasMessageContaining("fuseline topics create");
  }

  @Test
  void shouldFindTheSchemaAfterItWasRegistered() {
    AvroSerde<AgentSpan> waiting =
        AvroSerde.ofValues(AgentSpan.class, Map.of(SCHEMA_REGISTRY_URL, URL));
    assertThatThrownBy(() -> waiting.serializer().serialize("later", span("s1")))
        .isInstanceOf(SchemaNotRegisteredException.class);

    serde("later").serializer().serialize("later", span("s1"));

    assertThat(waiting.serializer().serialize("later", span("s1"))).isNotEmpty();
  }

  @Test
  void shouldNameTheFieldWhenARecordDoesNotFitItsSchema() {
    AvroSerde<AgentSpan> serde = serde("unfit");
    AgentSpan tooExact = span("s1");
    tooExact.setReportedCost(new BigDecimal("0.0000000000001"));

    assertThatThrownBy(() -> serde.serializer().serialize("unfit", new AgentSpan()))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("Topic unfit")
        .hasMessageContaining("span_id");
    assertThatThrownBy(() -> serde.serializer().serialize("unfit", tooExact))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("scale");
    byte[] bytes = serde.serializer().serialize("unfit", span("s1"));
    assertThat(serde.deserializer().deserialize("unfit", bytes)).isEqualTo(span("s1"));
  }

  private int registerProtobufSchema(String subject) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(URL + "/subjects/" + subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(
                BodyPublishers.ofString(
                    """
                    {"schemaType": "PROTOBUF", "schema": "syntax = \\"proto3\\"; message A { string b = 1; }"}
                    """))
            .build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Integer.parseInt(answer.body().replaceAll("\\D+", ""));
  }

  private static byte[] wire(int id, GenericRecord record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static AgentSpan span(String id) {
    return AgentSpan.newBuilder()
        .setSpanId(id)
        .setKind(SpanKind.LLM)
        .setUsage(Map.of("calls", 1L))
        .build();
  }

  /** A serde that registers what it writes. */
  private static AvroSerde<AgentSpan> serde(String topic) {
    return AvroSerde.ofValues(
        AgentSpan.class,
        Map.of(SCHEMA_REGISTRY_URL, URL, AUTO_REGISTER_SCHEMAS, "true", "client.id", topic));
  }

  private static <T extends SpecificRecord> AvroDeserializer<T> deserializer(Class<T> type) {
    return deserializer(type, URL);
  }

  private static <T extends SpecificRecord> AvroDeserializer<T> deserializer(
      Class<T> type, String url) {
    AvroDeserializer<T> deserializer = new AvroDeserializer<>(type);
    deserializer.configure(Map.of(SCHEMA_REGISTRY_URL, url), false);
    return deserializer;
  }
}
