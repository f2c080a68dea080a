package io.fuseline.schemas.serde;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * {@link AvroSerializer} and {@link AvroDeserializer} of one type, for Kafka Streams. One instance
 * may be shared by all stream threads.
 *
 * @param <T> generated class of the record
 */
public final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
  private final AvroSerializer<T> serializer;
  private final AvroDeserializer<T> deserializer;

  /**
   * A serde that must still be {@link #configure configured}.
   *
   * @param type generated class of the record
   */
  public AvroSerde(Class<T> type) {
    serializer = new AvroSerializer<>(type);
    deserializer = new AvroDeserializer<>(type);
  }

  /**
   * A serde for values, ready for use.
   *
   * @param config settings named in {@link RegistrySettings}; others are ignored
   * @throws org.apache.kafka.common.config.ConfigException when a setting is missing or malformed
   */
  public static <T extends SpecificRecord> AvroSerde<T> ofValues(
      Class<T> type, Map<String, ?> config) {
    AvroSerde<T> serde = new AvroSerde<>(type);
    serde.configure(config, false);
    return serde;
  }

  /**
   * @param config settings named in {@link RegistrySettings}; others are ignored
   * @throws org.apache.kafka.common.config.ConfigException when a setting is missing or malformed
   */
  @Override
  public void configure(Map<String, ?> config, boolean isKey) {
    serializer.configure(config, isKey);
    deserializer.configure(config, isKey);
  }

  @Override
  public Serializer<T> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<T> deserializer() {
    return deserializer;
  }

  @Override
  public void close() {
    serializer.close();
    deserializer.close();
  }
}
