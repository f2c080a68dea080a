package io.fuseline.stream.topology;

import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The stores of this instance, for reading.
 *
 * @param instance host and port under which this instance is known
 */
record LocalStores(KafkaStreams streams, String instance) {

  /**
   * The store; reading it, too, throws {@link StoreUnavailable} once it moves.
   *
   * @throws StoreUnavailable while the store starts up or moves
   */
  <K, V> ReadOnlyKeyValueStore<K, V> open(String name) {
    return new Moving<>(
        this,
        name,
        unlessMoving(
            name,
            () ->
                streams.store(
                    StoreQueryParameters.fromNameAndType(
                        name, QueryableStoreTypes.<K, V>keyValueStore()))));
  }

  private <T> T unlessMoving(String name, Supplier<T> question) {
    try {
      return question.get();
    } catch (InvalidStateStoreException e) {
      throw new StoreUnavailable(
          "Store " + name + " is not open on " + instance + ": it starts up or moves.", e);
    }
  }

  /** While threads start, Kafka Streams opens a store that holds nothing and refuses each read. */
  private record Moving<K, V>(LocalStores stores, String name, ReadOnlyKeyValueStore<K, V> store)
      implements ReadOnlyKeyValueStore<K, V> {

    @Override
    public V get(K key) {
      return stores.unlessMoving(name, () -> store.get(key));
    }

    @Override
    public KeyValueIterator<K, V> range(K from, K to) {
      return stores.unlessMoving(name, () -> store.range(from, to));
    }

    @Override
    public KeyValueIterator<K, V> all() {
      return stores.unlessMoving(name, store::all);
    }

    @Override
    public <PS extends Serializer<P>, P> KeyValueIterator<K, V> prefixScan(
        P prefix, PS prefixSerializer) {
      return stores.unlessMoving(name, () -> store.prefixScan(prefix, prefixSerializer));
    }

    @Override
    public long approximateNumEntries() {
      return stores.unlessMoving(name, store::approximateNumEntries);
    }
  }
}
