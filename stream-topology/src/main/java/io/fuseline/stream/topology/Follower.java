package io.fuseline.stream.topology;

import java.util.function.BiConsumer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Follows a compacted topic into memory on every instance. Its store is in memory and stays empty:
 * it has no checkpoint, so that the whole topic is read again at each start, before the first span.
 */
final class Follower<K, V> implements Processor<K, V, Void, Void> {
  private final BiConsumer<K, V> listener;

  private Follower(BiConsumer<K, V> listener) {
    this.listener = listener;
  }

  /**
   * @param listener told of each record; the value is null when the key was removed
   */
  static <K, V> ProcessorSupplier<K, V, Void, Void> of(BiConsumer<K, V> listener) {
    return () -> new Follower<>(listener);
  }

  @Override
  public void process(Record<K, V> record) {
    listener.accept(record.key(), record.value());
  }
}
