package io.fuseline.stream.topology;

import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.state.HostInfo;

/** Tells which instance holds the state of a key. */
record Owners(KafkaStreams streams) {
  private static final StringSerializer RUN_IDS = new StringSerializer();

  /**
   * @throws StoreUnavailable while that is not known
   */
  HostInfo ofRun(String rootRunId) {
    return of(RunProcessor.RUNS, rootRunId, RUN_IDS);
  }

  /**
   * @param store of scopes
   * @throws StoreUnavailable while that is not known
   */
  HostInfo ofScope(String store, ScopeKey key) {
    return of(store, key, Stores.SCOPE_KEYS.serializer());
  }

  private <K> HostInfo of(String store, K key, Serializer<K> serializer) {
    KeyQueryMetadata metadata;
    try {
      metadata = streams.queryMetadataForKey(store, key, serializer);
    } catch (IllegalStateException | StreamsNotStartedException e) {
      throw new StoreUnavailable("It is not known yet which instance owns the key.", e);
    }
    if (metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
      throw new StoreUnavailable("It is not known at present which instance owns the key.", null);
    }
    return metadata.activeHost();
  }
}
