package io.fuseline.deploy.bench;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From the bytes of a record to a span that may be booked. */
@State(Scope.Thread)
public class DecodeBenchmark {
  private static final String TOPIC = "agent-spans";
  private static final byte MAGIC = 0;

  private final AvroDeserializer<AgentSpan> deserializer = new AvroDeserializer<>(AgentSpan.class);
  private SchemaAnswer registry;
  private byte[][] records;
  private AgentSpan[] spans;
  private int next;

  @Setup
  public void writeRecords() throws IOException {
    registry = SchemaAnswer.of(AgentSpan.getClassSchema());
    deserializer.configure(Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, registry.url()), false);
    List<AgentSpan> all = PartSpans.spans();
    List<byte[]> written = new ArrayList<>();
    for (AgentSpan span : all) {
      written.add(record(span));
    }
    records = written.toArray(byte[][]::new);
    spans = all.toArray(AgentSpan[]::new);
  }

  @TearDown
  public void closeRegistry() {
    deserializer.close();
    registry.close();
  }

  @Benchmark
  public AgentSpan decode() {
    return deserializer.deserialize(TOPIC, records[turn()]);
  }

  @Benchmark
  public CheckedSpan check() {
    return SpanCheck.check(spans[turn()], SpanCheck.NO_CLOCK);
  }

  private int turn() {
    next = next + 1 == records.length ? 0 : next + 1;
    return next;
  }

  /** In the Confluent wire format. */
  private static byte[] record(AgentSpan span) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(1 + Integer.BYTES).put(MAGIC).putInt(SchemaAnswer.ID).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new SpecificDatumWriter<AgentSpan>(span.getSchema(), SpecificData.getForClass(AgentSpan.class))
        .write(span, encoder);
    return out.toByteArray();
  }
}
