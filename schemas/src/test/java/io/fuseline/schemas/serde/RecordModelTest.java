package io.fuseline.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class RecordModelTest {
  @Test
  void shouldReadWithTheFastReaderWhateverIsSetGlobally() {
    assertThat(RecordModel.of(AgentSpan.class).isFastReaderEnabled()).isTrue();
    assertThat(RecordModel.of(AgentSpan.class))
        .isNotSameAs(SpecificData.get())
        .isNotSameAs(SpecificData.getForClass(AgentSpan.class));
  }

  @Test
  void shouldTakeTheEnumsDefaultWhenANewerWriterHasAnotherSymbol() throws IOException {
    Schema newer =
        new SchemaParser()
            .parse(
                SchemaRegistration.publishedSchema(AgentSpan.class)
                    .toString()
                    .replace("\"HUMAN\"]", "\"HUMAN\",\"SWARM\"]"))
            .mainSchema();
    Schema kinds = newer.getField("kind").schema();
    GenericRecord written = withDefaults(newer);
    written.put("span_id", "s1");
    written.put("kind", new GenericData.EnumSymbol(kinds, "SWARM"));

    AgentSpan read = read(written, AgentSpan.class);

    assertThat(read.getKind()).isEqualTo(SpanKind.OTHER);
    assertThat(read.getSpanId()).isEqualTo("s1");
    assertThat(read.getPhase()).isEqualTo(SpanPhase.END);
  }

  @Test
  void shouldReadAddedMoneyAsZeroWhenTheWriterDidNotKnowIt() throws IOException {
    Schema older = without("unpriced_bound", SchemaRegistration.publishedSchema(PricedSpan.class));
    GenericRecord written = withDefaults(older);
    for (String name : List.of("span_id", "root_run_id", "run_id", "tenant_id", "agent_id")) {
      written.put(name, name);
    }
    written.put("currency", "USD");
    written.put("kind", new GenericData.EnumSymbol(older.getField("kind").schema(), "LLM"));
    written.put("status", new GenericData.EnumSymbol(older.getField("status").schema(), "PRICED"));
    written.put("event_time", 1L);
    written.put("list_cost", ByteBuffer.wrap(new byte[] {5}));
    written.put("contracted_cost", ByteBuffer.wrap(new byte[] {-1}));
    written.put("lines", List.of());

    PricedSpan read = read(written, PricedSpan.class);

    assertThat(read.getUnpricedBound()).isEqualTo(new BigDecimal("0.000000000000"));
    assertThat(read.getListCost()).isEqualTo(new BigDecimal("0.000000000005"));
    assertThat(read.getContractedCost()).isEqualTo(new BigDecimal("-0.000000000001"));
    assertThat(read.getStatus()).isEqualTo(CostStatus.PRICED);
    assertThat(read.getEventTime()).isEqualTo(Instant.EPOCH.plusNanos(1_000));
  }

  @Test
  void shouldReadStringsAsStringsWhenTheWriterDoesNotAskForThem() throws IOException {
    GenericRecord written = withDefaults(SchemaRegistration.publishedSchema(AgentSpan.class));
    written.put("span_id", "s1");
    written.put(
        "kind", new GenericData.EnumSymbol(written.getSchema().getField("kind").schema(), "LLM"));
    written.put("tags", Map.of("colour", "red"));
    written.put("usage", Map.of("calls", 1L));

    AgentSpan read = read(written, AgentSpan.class);

    assertThat(read.getTags()).isEqualTo(Map.of("colour", "red"));
    assertThat(read.getUsage()).isEqualTo(Map.of("calls", 1L));
  }

  @Test
  void shouldBuildRecordsWithoutASystemProperty() {
    assertThat(AgentSpan.newBuilder().setSpanId("s").setKind(SpanKind.LLM).build().getPhase())
        .isEqualTo(SpanPhase.END);
  }

  @Test
  void shouldPublishSchemasWithoutWhatOnlyConcernsJava() {
    String published = SchemaRegistration.publishedSchema(AgentSpan.class).toString();

    assertThat(published)
        .doesNotContain("avro.java.string")
        .contains("{\"name\":\"span_id\",\"type\":\"string\",\"doc\":");
    assertThat(
            SchemaNormalization.parsingFingerprint64(
                new SchemaParser().parse(published).mainSchema()))
        .isEqualTo(SchemaNormalization.parsingFingerprint64(AgentSpan.getClassSchema()));
  }

  private static GenericRecord withDefaults(Schema schema) {
    GenericRecord record = new GenericData.Record(schema);
    schema.getFields().stream()
        .filter(Schema.Field::hasDefaultValue)
        .forEach(field -> record.put(field.pos(), GenericData.get().getDefaultValue(field)));
    return record;
  }

  private static Schema without(String name, Schema schema) {
    List<Schema.Field> kept =
        schema.getFields().stream()
            .filter(field -> !field.name().equals(name))
            .map(field -> new Schema.Field(field, field.schema()))
            .toList();
    return Schema.createRecord(
        schema.getName(), schema.getDoc(), schema.getNamespace(), false, kept);
  }

  private static <T extends SpecificRecord> T read(GenericRecord record, Class<T> type)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return new SpecificDatumReader<T>(
            record.getSchema(), RecordModel.schemaOf(type), RecordModel.of(type))
        .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }
}
