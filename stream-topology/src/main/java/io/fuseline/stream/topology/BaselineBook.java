package io.fuseline.stream.topology;

import io.fuseline.stream.judge.Baselines;
import io.fuseline.stream.judge.ScopeKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.common.utils.Bytes;

/** The usual rates of tool calls that every instance knows, following the baselines topic. */
final class BaselineBook implements Baselines {
  private final ConcurrentMap<Key, Long> byKey = new ConcurrentHashMap<>();

  private record Key(String tenant, String agent, String tool) {
    @Override
    public int hashCode() {
      return (agent.hashCode() * 31 + tool.hashCode()) * 31 + tenant.hashCode();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && tool.equals(key.tool)
          && agent.equals(key.agent)
          && tenant.equals(key.tenant);
    }
  }

  @Override
  public long callsPerMinuteMilli(String tenant, String agent, String tool) {
    return byKey.getOrDefault(new Key(tenant, agent, tool), 0L);
  }

  /** Follows one record of the topic. */
  void put(Bytes key, Bytes value) {
    ByteBuffer buffer = ByteBuffer.wrap(key.get());
    byte[] agentBytes = new byte[buffer.getInt()];
    buffer.get(agentBytes);
    byte[] toolBytes = new byte[buffer.remaining()];
    buffer.get(toolBytes);
    ScopeKey agent = ScopeKey.fromBytes(agentBytes);
    Key at = new Key(agent.tenant(), agent.value(), new String(toolBytes, StandardCharsets.UTF_8));
    if (value == null) {
      byKey.remove(at);
    } else {
      byKey.put(at, ByteBuffer.wrap(value.get()).getLong());
    }
  }

  static Bytes key(ScopeKey agent, String tool) {
    byte[] agentBytes = agent.toBytes();
    byte[] toolBytes = tool.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(
        ByteBuffer.allocate(Integer.BYTES + agentBytes.length + toolBytes.length)
            .putInt(agentBytes.length)
            .put(agentBytes)
            .put(toolBytes)
            .array());
  }

  static Bytes value(long callsPerMinuteMilli) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(callsPerMinuteMilli).array());
  }
}
