package io.fuseline.schemas.serde;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes records of one type in the Confluent wire format under subject {@code <topic>-value} (or
 * {@code -key}). Null becomes null bytes. Configured by {@link RegistrySettings}. Safe for use by
 * many threads.
 *
 * @param <T> generated class of the record
 */
public final class AvroSerializer<T extends SpecificRecord> implements Serializer<T> {
  private final Schema schema;
  private final Schema published;
  private final SpecificDatumWriter<T> writer;
  private final Map<String, Integer> idsByTopic = new ConcurrentHashMap<>();

  /** Encoder and buffer keep state while they write: one of each per thread. */
  private final ThreadLocal<Encoding> encodings = ThreadLocal.withInitial(Encoding::new);

  private SchemaRegistry registry;
  private boolean autoRegister;
  private boolean key;

  /**
   * @param type generated class of the records to write
   */
  public AvroSerializer(Class<T> type) {
    schema = RecordModel.schemaOf(type);
    published = SchemaRegistration.publishedSchema(type);
    writer = new SpecificDatumWriter<>(schema, RecordModel.of(type));
  }

  /**
   * @param config settings named in {@link RegistrySettings}; others are ignored
   * @param isKey whether keys are written
   * @throws org.apache.kafka.common.config.ConfigException when a setting is missing or malformed
   */
  @Override
  public void configure(Map<String, ?> config, boolean isKey) {
    RegistrySettings settings = RegistrySettings.from(config);
    registry = SchemaRegistry.shared(settings);
    autoRegister = settings.autoRegister();
    key = isKey;
    idsByTopic.clear();
  }

  /**
   * @throws SerializationException when the record does not fit its schema, such as a missing field
   *     or money with more than 12 decimals
   * @throws SchemaNotRegisteredException when the registry does not hold the schema
   * @throws RegistryUnavailableException when the registry does not answer
   */
  @Override
  public byte[] serialize(String topic, T record) {
    if (record == null) {
      return null;
    }
    Encoding encoding = encodings.get();
    encoding.buffer.begin(encoding.schemaId(topic));
    try {
      writer.write(record, encoding.encoder);
    } catch (IOException | AvroRuntimeException | NullPointerException | ClassCastException e) {
      throw new SerializationException(
          "Topic %s: cannot write %s: %s".formatted(topic, schema.getFullName(), e.getMessage()),
          e);
    }
    return encoding.buffer.finish();
  }

  @Override
  public void close() {
    encodings.remove();
  }

  private int findSchemaId(String topic) {
    Objects.requireNonNull(
        registry, "configure() must be called before the first record is written");
    return idsByTopic.computeIfAbsent(
        topic,
        name -> {
          String subject = SchemaRegistration.subject(name, key);
          return autoRegister
              ? registry.register(subject, published)
              : registry.idOf(subject, published);
        });
  }

  private final class Encoding {
    final WireBuffer buffer = new WireBuffer();
    final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(buffer, null);
    private String lastTopic;
    private int lastId;

    /** A thread mostly writes to the topic it wrote to before. */
    int schemaId(String topic) {
      if (!topic.equals(lastTopic)) {
        lastId = findSchemaId(topic);
        lastTopic = topic;
      }
      return lastId;
    }
  }
}
