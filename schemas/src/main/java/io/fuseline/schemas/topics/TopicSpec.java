package io.fuseline.schemas.topics;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * One topic as it is to be created.
 *
 * @param name name of the topic
 * @param key what the record key holds, in words; a UTF-8 string unless it says binary
 * @param recordClass generated class of the values; empty when values are raw bytes
 * @param partitions number of partitions, 1 or more
 * @param cleanup how the topic forgets
 * @param retention how long records stay at least, counted from the record timestamp; empty when
 *     compaction alone decides
 */
public record TopicSpec(
    String name,
    String key,
    Optional<Class<? extends SpecificRecord>> recordClass,
    int partitions,
    CleanupPolicy cleanup,
    Optional<Duration> retention) {

  /**
   * @throws IllegalArgumentException when the name is not one Kafka takes, there is no partition,
   *     or cleanup and retention contradict each other
   */
  public TopicSpec {
    if (!name.matches("[a-zA-Z0-9._-]{1,249}") || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          "'%s' is no topic name: expected 1 to 249 letters, digits, '.', '_' or '-'"
              .formatted(name));
    }
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "%s: partitions is %d, expected 1 or more".formatted(name, partitions));
    }
    if (retention.isPresent() == (cleanup == CleanupPolicy.COMPACT)) {
      throw new IllegalArgumentException(
          "%s: retention goes with cleanup delete or compact,delete, and with these only"
              .formatted(name));
    }
    if (retention.isPresent() && (retention.get().isNegative() || retention.get().isZero())) {
      throw new IllegalArgumentException(
          "%s: retention is %s, expected more than zero".formatted(name, retention.get()));
    }
  }

  /** The topic's settings, as Kafka's admin client takes them. */
  public Map<String, String> configs() {
    Map<String, String> configs = new LinkedHashMap<>();
    configs.put("cleanup.policy", cleanup.config());
    retention.ifPresent(time -> configs.put("retention.ms", Long.toString(time.toMillis())));
    return configs;
  }

  TopicSpec named(String otherName) {
    return new TopicSpec(otherName, key, recordClass, partitions, cleanup, retention);
  }
}
