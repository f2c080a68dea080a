package io.fuseline.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Reads records of one type from the Confluent wire format, whichever version of the schema wrote
 * them: fields unknown here are skipped, fields missing there get their default, an unknown enum
 * symbol becomes the enum's default. Null bytes become null. Configured by {@link
 * RegistrySettings}. Safe for use by many threads.
 *
 * <p>A plain consumer wraps what is thrown here in a {@code RecordDeserializationException}; look
 * at its cause.
 *
 * @param <T> generated class of the record
 */
public final class AvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private final Schema schema;
  private final SpecificData model;
  private final int[] listsOfRecords;

  /** Decoder and readers keep state while they read: one of each per thread. */
  private final ThreadLocal<Decoding> decodings = ThreadLocal.withInitial(Decoding::new);

  private SchemaRegistry registry;

  /**
   * @param type generated class of the records to read
   */
  public AvroDeserializer(Class<T> type) {
    schema = RecordModel.schemaOf(type);
    model = RecordModel.of(type);
    listsOfRecords = RecordModel.listsOfRecords(schema);
  }

  /**
   * @param config settings named in {@link RegistrySettings}; others are ignored
   * @param isKey whether keys are read; makes no difference, since the bytes name their schema
   * @throws org.apache.kafka.common.config.ConfigException when a setting is missing or malformed
   */
  @Override
  public void configure(Map<String, ?> config, boolean isKey) {
    registry = SchemaRegistry.shared(RegistrySettings.from(config));
  }

  /**
   * @throws UndecodableRecordException when the bytes can never be read
   * @throws RegistryUnavailableException when the registry does not answer
   */
  @Override
  public T deserialize(String topic, byte[] bytes) {
    return bytes == null ? null : decodings.get().read(topic, bytes, 0, bytes.length);
  }

  /** As {@link #deserialize(String, byte[])}, without a copy where the buffer has an array. */
  @Override
  public T deserialize(String topic, Headers headers, ByteBuffer buffer) {
    if (buffer == null || !buffer.hasArray()) {
      return deserialize(topic, Utils.toNullableArray(buffer));
    }
    int start = buffer.arrayOffset() + buffer.position();
    return decodings.get().read(topic, buffer.array(), start, buffer.remaining());
  }

  @Override
  public void close() {
    decodings.remove();
  }

  private final class Decoding {
    private final Map<Integer, DatumReader<T>> readers = new HashMap<>();
    private BinaryDecoder decoder;
    private DatumReader<T> lastReader;
    private int lastId;

    T read(String topic, byte[] bytes, int start, int length) {
      if (length < WireBuffer.HEADER_BYTES) {
        throw new UndecodableRecordException(
            "Topic %s: %d byte(s) are too few for the Confluent wire format: expected a zero byte, a 4-byte schema id and Avro binary."
                .formatted(topic, length));
      }
      if (bytes[start] != WireBuffer.MAGIC) {
        throw new UndecodableRecordException(
            "Topic %s: the first byte is 0x%02x; the Confluent wire format starts with 0x00, a 4-byte schema id, then Avro binary. Configure the producer with a schema-registry serializer."
                .formatted(topic, bytes[start]));
      }
      int id =
          bytes[start + 1] << 24
              | (bytes[start + 2] & 0xff) << 16
              | (bytes[start + 3] & 0xff) << 8
              | (bytes[start + 4] & 0xff);
      DatumReader<T> reader = readerOf(id, topic);
      decoder =
          DecoderFactory.get()
              .binaryDecoder(
                  bytes,
                  start + WireBuffer.HEADER_BYTES,
                  length - WireBuffer.HEADER_BYTES,
                  decoder);
      T record;
      boolean complete;
      try {
        record = reader.read(null, decoder);
        complete = decoder.isEnd();
      } catch (IOException | RuntimeException e) {
        throw new UndecodableRecordException(
            "Topic %s: %d byte(s) do not hold a %s as written by schema %d: %s"
                .formatted(topic, length, schema.getFullName(), id, e),
            e);
      }
      if (!complete) {
        throw new UndecodableRecordException(
            "Topic %s: bytes are left over after a %s as written by schema %d; the schema id is not that of the writer."
                .formatted(topic, schema.getFullName(), id));
      }
      return withPlainLists(record);
    }

    /** Avro's own list throws when two are compared whose records hold decimals. */
    private T withPlainLists(T record) {
      for (int field : listsOfRecords) {
        record.put(field, new ArrayList<>((List<?>) record.get(field)));
      }
      return record;
    }

    private DatumReader<T> readerOf(int id, String topic) {
      if (lastReader == null || id != lastId) {
        DatumReader<T> reader = readers.get(id);
        if (reader == null) {
          reader = newReader(id, topic);
          readers.put(id, reader);
        }
        lastReader = reader;
        lastId = id;
      }
      return lastReader;
    }

    private DatumReader<T> newReader(int id, String topic) {
      Objects.requireNonNull(
          registry, "configure() must be called before the first record is read");
      return new SpecificDatumReader<>(registry.schemaById(id, topic), schema, model);
    }
  }
}
