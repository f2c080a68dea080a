package io.fuseline.stream.topology;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Stored entries in the order of their keys, with newer ones in place of or between them. */
final class Overlaid<K, V> implements KeyValueIterator<K, V> {
  private final KeyValueIterator<Bytes, byte[]> stored;
  private final Iterator<KeyValue<Bytes, byte[]>> newer;
  private final Function<Bytes, K> readKey;
  private final Function<byte[], V> readValue;

  private KeyValue<Bytes, byte[]> nextStored;
  private KeyValue<Bytes, byte[]> nextNewer;
  private KeyValue<Bytes, byte[]> next;

  /**
   * @param newer sorted by key; a null value means that the key was deleted
   */
  Overlaid(
      KeyValueIterator<Bytes, byte[]> stored,
      Iterator<KeyValue<Bytes, byte[]>> newer,
      Function<Bytes, K> readKey,
      Function<byte[], V> readValue) {
    this.stored = stored;
    this.newer = newer;
    this.readKey = readKey;
    this.readValue = readValue;
    nextStored = following(stored);
    nextNewer = following(newer);
    advance();
  }

  private static KeyValue<Bytes, byte[]> following(Iterator<KeyValue<Bytes, byte[]>> entries) {
    return entries.hasNext() ? entries.next() : null;
  }

  private void advance() {
    next = null;
    while (next == null && (nextStored != null || nextNewer != null)) {
      int order =
          nextStored == null ? 1 : nextNewer == null ? -1 : nextStored.key.compareTo(nextNewer.key);
      if (order < 0) {
        next = nextStored;
      } else if (nextNewer.value != null) {
        next = nextNewer;
      }
      if (order <= 0) {
        nextStored = following(stored);
      }
      if (order >= 0) {
        nextNewer = following(newer);
      }
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public KeyValue<K, V> next() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    KeyValue<Bytes, byte[]> found = next;
    advance();
    return KeyValue.pair(readKey.apply(found.key), readValue.apply(found.value));
  }

  @Override
  public K peekNextKey() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    return readKey.apply(next.key);
  }

  @Override
  public void close() {
    stored.close();
  }
}
