package io.fuseline.stream.topology;

import io.fuseline.stream.judge.ActiveRuns;
import io.fuseline.stream.judge.ScopeKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Active runs in a store: under agent and run stands when the run was announced last. */
final class StoredActiveRuns implements ActiveRuns {
  private final DecodedStore<Bytes, Long> store;

  StoredActiveRuns(DecodedStore<Bytes, Long> store) {
    this.store = store;
  }

  @Override
  public void join(ScopeKey agent, String rootRunId, long eventMicros) {
    store.put(key(agent, rootRunId), eventMicros);
  }

  @Override
  public void leave(ScopeKey agent, String rootRunId) {
    store.put(key(agent, rootRunId), null); // to delete it would be to read it
  }

  @Override
  public void each(ScopeKey agent, Visitor visitor) {
    byte[] prefix = key(agent, "").get();
    try (KeyValueIterator<Bytes, Long> all = store.prefixScan(prefix, new ByteArraySerializer())) {
      boolean more = true;
      while (more && all.hasNext()) {
        KeyValue<Bytes, Long> run = all.next();
        byte[] key = run.key.get();
        String rootRunId =
            new String(key, prefix.length, key.length - prefix.length, StandardCharsets.UTF_8);
        more = visitor.visit(rootRunId, run.value);
      }
    }
  }

  /** A value never continues with 0, so that no agent's runs stand within another's. */
  private static Bytes key(ScopeKey agent, String rootRunId) {
    byte[] scope = agent.toBytes();
    byte[] run = rootRunId.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(
        ByteBuffer.allocate(scope.length + 1 + run.length)
            .put(scope)
            .put((byte) 0)
            .put(run)
            .array());
  }
}
