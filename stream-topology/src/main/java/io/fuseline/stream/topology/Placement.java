package io.fuseline.stream.topology;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Tells whether a record lies in the partition of its root run, as Kafka's default partitioner
 * chooses it.
 */
interface Placement {
  boolean isHome(String rootRunId, byte[] key, int partition);

  /** A record that was sent to its partition by ourselves. */
  static Placement alwaysHome() {
    return (rootRunId, key, partition) -> true;
  }

  /**
   * @param partitions partitions of the topic; 0 when not known, then only the key is looked at
   */
  static Placement of(int partitions) {
    return (rootRunId, key, partition) -> {
      byte[] expected = rootRunId.getBytes(StandardCharsets.UTF_8);
      return Arrays.equals(expected, key)
          && (partitions == 0
              || BuiltInPartitioner.partitionForKey(expected, partitions) == partition);
    };
  }
}
