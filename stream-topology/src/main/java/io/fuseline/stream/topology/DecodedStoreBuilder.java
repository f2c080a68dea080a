package io.fuseline.stream.topology;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Builds a {@link DecodedStore} over the store that another builder builds.
 *
 * @param memory shared by all stores
 * @param passing see {@link DecodedStore}
 */
record DecodedStoreBuilder<K, V>(
    StoreBuilder<KeyValueStore<Bytes, byte[]>> below,
    Serde<K> keys,
    Serde<V> values,
    StateMemory memory,
    boolean passing)
    implements StoreBuilder<DecodedStore<K, V>> {

  /** It gathers writes by itself. */
  @Override
  public StoreBuilder<DecodedStore<K, V>> withCachingEnabled() {
    return this;
  }

  @Override
  public StoreBuilder<DecodedStore<K, V>> withCachingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<DecodedStore<K, V>> withLoggingEnabled(Map<String, String> config) {
    below.withLoggingEnabled(config);
    return this;
  }

  @Override
  public StoreBuilder<DecodedStore<K, V>> withLoggingDisabled() {
    below.withLoggingDisabled();
    return this;
  }

  @Override
  public DecodedStore<K, V> build() {
    return new DecodedStore<>(below.build(), keys, values, memory, passing);
  }

  @Override
  public Map<String, String> logConfig() {
    return below.logConfig();
  }

  @Override
  public boolean loggingEnabled() {
    return below.loggingEnabled();
  }

  @Override
  public String name() {
    return below.name();
  }
}
