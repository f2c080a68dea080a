package io.fuseline.stream.topology;

import io.fuseline.schemas.serde.AvroSerde;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Gives the serde of each record on a topic. A serde may be shared by all stream threads. */
public interface RecordSerdes {
  <T extends SpecificRecord> Serde<T> of(Class<T> type);

  /**
   * The Confluent wire format through a schema registry.
   *
   * @param settings see {@link io.fuseline.schemas.serde.RegistrySettings}
   */
  static RecordSerdes ofRegistry(Map<String, Object> settings) {
    return new RecordSerdes() {
      @Override
      public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
        AvroSerde<T> serde = new AvroSerde<>(type);
        serde.configure(settings, false);
        return serde;
      }
    };
  }
}
