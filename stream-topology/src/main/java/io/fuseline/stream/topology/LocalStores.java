package io.fuseline.stream.topology;

import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The stores of this instance, for reading.
 *
 * @param instance host and port under which this instance is known
 */
record LocalStores(KafkaStreams streams, String instance) {

  /**
   * @throws StoreUnavailable while the store starts up or moves
   */
  <K, V> ReadOnlyKeyValueStore<K, V> open(String name) {
    try {
      return streams.store(
          StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<K, V>keyValueStore()));
    } catch (InvalidStateStoreException e) {
      throw new StoreUnavailable(
          "Store " + name + " is not open on " + instance + ": it starts up or moves.", e);
    }
  }
}
