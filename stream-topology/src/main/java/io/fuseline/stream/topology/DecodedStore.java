package io.fuseline.stream.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps values as objects between commits and writes those that have changed to the store below,
 * and so to its changelog, once before each commit, in the same transaction. A task that is closed
 * without a commit writes nothing: the transaction is aborted with it.
 *
 * <p>The processor that owns the store changes values in place: it asks for them with {@link
 * #live}, keeps what it changed with {@link #put}, and holds the lock all the while. Everyone else
 * reads copies: {@link #get} and the scans may be called from any thread and see what was not
 * committed yet.
 *
 * <p>A <em>passing</em> store is for values that are seldom read again: it writes some at a time,
 * which is cheaper than one by one and leaves little to do at the commit, and lets go of them.
 */
final class DecodedStore<K, V> extends CommitHook implements KeyValueStore<K, V> {
  /** Entries that stay however large they are: the owner may have them in its hands. */
  private static final int LEAST_ENTRIES = 16;

  /** Encoded bytes are this many bytes as objects, about. */
  private static final int HEAP_PER_BYTE = 4;

  /** What key, entry and maps take. */
  private static final int HEAP_PER_ENTRY = 400;

  /** Encoded bytes that a value is taken to have until it is first written. */
  private static final int NEW_VALUE_BYTES = 256;

  /** Values written at once. */
  private static final int BATCH = 1_000;

  /** Values that wait in a passing store: about as many as fill a batch of the producer. */
  private static final int PASSING_BATCH = 512;

  private final KeyValueStore<Bytes, byte[]> below;
  private final Serde<K> keys;
  private final Serde<V> values;
  private final StateMemory memory;
  private final boolean passing;
  private final String name;

  /** Least recently used first; what is not here stands below as it is. */
  private final LinkedHashMap<K, Entry<K, V>> entries = new LinkedHashMap<>(1024, 0.75F, true);

  /** Entries that were changed, some of them perhaps written since. */
  private final List<Entry<K, V>> changed = new ArrayList<>();

  private volatile Lock lock = new WorkLock();
  private long held;
  private boolean open;

  DecodedStore(
      KeyValueStore<Bytes, byte[]> below,
      Serde<K> keys,
      Serde<V> values,
      StateMemory memory,
      boolean passing) {
    this.below = below;
    this.keys = keys;
    this.values = values;
    this.memory = memory;
    this.passing = passing;
    this.name = below.name();
  }

  private static final class Entry<K, V> {
    final K key;

    /** Null when it was deleted. */
    V value;

    boolean changed;
    long heap;

    Entry(K key) {
      this.key = key;
    }
  }

  /** The store as its processor sees it, without what stands around it. */
  @SuppressWarnings("unchecked")
  static <K, V> DecodedStore<K, V> owned(StateStore store) {
    return (DecodedStore<K, V>) unwrapped(store);
  }

  /** Lets the owner guard several stores with one lock; to be called before it uses the store. */
  void guardedBy(Lock shared) {
    lock = shared;
  }

  /**
   * The value itself, for the owner to change; null when there is none. Changes that are not {@link
   * #put} may or may not be kept.
   */
  V live(K key) {
    Entry<K, V> entry = entries.get(key);
    if (entry != null) {
      return entry.value;
    }
    byte[] bytes = below.get(bytes(key));
    if (bytes == null) {
      return null;
    }
    if (passing) {
      return decode(bytes);
    }
    Entry<K, V> read = new Entry<>(key);
    read.value = decode(bytes);
    entries.put(key, read);
    weigh(read, bytes.length);
    makeRoom();
    return read.value;
  }

  /** Keeps a value; for the owner. */
  @Override
  public void put(K key, V value) {
    lock.lock();
    try {
      Entry<K, V> entry = entries.get(key);
      if (entry == null) {
        entry = new Entry<>(key);
        entries.put(key, entry);
        weigh(entry, NEW_VALUE_BYTES);
      }
      entry.value = value;
      if (!entry.changed) {
        entry.changed = true;
        changed.add(entry);
      }
      if (passing && changed.size() >= PASSING_BATCH) {
        writeChanged();
      }
      makeRoom();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public V putIfAbsent(K key, V value) {
    V known = get(key);
    if (known == null) {
      put(key, value);
    }
    return known;
  }

  @Override
  public void putAll(List<KeyValue<K, V>> all) {
    all.forEach(one -> put(one.key, one.value));
  }

  @Override
  public V delete(K key) {
    V before = get(key);
    if (before != null) {
      put(key, null);
    }
    return before;
  }

  /** A copy of the value, or null. */
  @Override
  public V get(K key) {
    byte[] bytes = null;
    boolean known;
    lock.lock();
    try {
      Entry<K, V> entry = entries.get(key);
      known = entry != null;
      if (known && entry.value != null) {
        bytes = encode(entry.value);
      }
    } finally {
      lock.unlock();
    }
    if (!known) {
      bytes = below.get(bytes(key)); // without the lock: it may have to wait for a disk
    }
    return bytes == null ? null : decode(bytes);
  }

  @Override
  public KeyValueIterator<K, V> range(K from, K to) {
    Bytes first = from == null ? null : bytes(from);
    Bytes last = to == null ? null : bytes(to);
    return scan(
        key ->
            (first == null || key.compareTo(first) >= 0)
                && (last == null || key.compareTo(last) <= 0),
        () -> below.range(first, last));
  }

  @Override
  public KeyValueIterator<K, V> all() {
    return scan(key -> true, below::all);
  }

  @Override
  public <PS extends Serializer<P>, P> KeyValueIterator<K, V> prefixScan(
      P prefix, PS prefixSerializer) {
    byte[] first = prefixSerializer.serialize(name, prefix);
    return scan(
        key -> startsWith(key.get(), first), () -> below.prefixScan(prefix, prefixSerializer));
  }

  /** What stands below at this moment, with what has changed since over it. */
  private KeyValueIterator<K, V> scan(
      Predicate<Bytes> wanted, Supplier<KeyValueIterator<Bytes, byte[]>> stored) {
    lock.lock();
    try {
      List<KeyValue<Bytes, byte[]>> over = new ArrayList<>();
      for (Entry<K, V> entry : changed) {
        Bytes key = entry.changed ? bytes(entry.key) : null;
        if (key != null && wanted.test(key)) {
          over.add(KeyValue.pair(key, entry.value == null ? null : encode(entry.value)));
        }
      }
      over.sort(Comparator.comparing(entry -> entry.key));
      return new Overlaid<>(stored.get(), over.iterator(), this::decodeKey, this::decode);
    } finally {
      lock.unlock();
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= bytes.length || bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public long approximateNumEntries() {
    return below.approximateNumEntries();
  }

  /** Writes what has changed. */
  @Override
  void beforeCommit() {
    lock.lock();
    try {
      writeChanged();
      makeRoom();
    } finally {
      lock.unlock();
    }
  }

  private void writeChanged() {
    List<KeyValue<Bytes, byte[]>> batch = new ArrayList<>(Math.min(BATCH, changed.size()));
    for (Entry<K, V> entry : changed) {
      if (entry.changed) {
        batch.add(KeyValue.pair(bytes(entry.key), taken(entry)));
        if (entry.value == null && !passing) {
          remove(entry);
          entries.remove(entry.key);
        }
      }
      if (batch.size() == BATCH) {
        below.putAll(batch);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      below.putAll(batch);
    }
    changed.clear();
    if (passing) {
      entries.clear();
      hold(-held);
    }
  }

  /** The entry's bytes, which are about to be written; null when it was deleted. */
  private byte[] taken(Entry<K, V> entry) {
    entry.changed = false;
    if (entry.value == null) {
      return null;
    }
    byte[] bytes = encode(entry.value);
    if (!passing) {
      weigh(entry, bytes.length);
    }
    return bytes;
  }

  private void makeRoom() {
    if (!memory.isTooMuch(held)) {
      return;
    }
    Iterator<Map.Entry<K, Entry<K, V>>> oldestFirst = entries.entrySet().iterator();
    while (entries.size() > LEAST_ENTRIES && memory.isTooMuch(held) && oldestFirst.hasNext()) {
      Entry<K, V> oldest = oldestFirst.next().getValue();
      if (oldest.changed) {
        below.put(bytes(oldest.key), taken(oldest));
      }
      oldestFirst.remove();
      remove(oldest);
    }
  }

  private void weigh(Entry<K, V> entry, int bytes) {
    long heap = HEAP_PER_ENTRY + (long) HEAP_PER_BYTE * bytes;
    hold(heap - entry.heap);
    entry.heap = heap;
  }

  private void remove(Entry<K, V> entry) {
    hold(-entry.heap);
    entry.heap = 0;
  }

  private void hold(long more) {
    held += more;
    memory.take(more);
  }

  @Override
  void forget() {
    lock.lock();
    try {
      entries.clear();
      changed.clear();
      hold(-held);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    forget();
    if (!open) {
      open = true;
      memory.open();
    }
    below.init(context, root);
  }

  /** Without writing: what is not committed must not be kept. */
  @Override
  public void close() {
    forget();
    if (open) {
      open = false;
      memory.close();
    }
    below.close();
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    below.commit(changelogOffsets);
  }

  @Override
  public Long committedOffset(TopicPartition partition) {
    return below.committedOffset(partition);
  }

  @Override
  public boolean managesOffsets() {
    return below.managesOffsets();
  }

  @Override
  public boolean persistent() {
    return below.persistent();
  }

  @Override
  public boolean isOpen() {
    return below.isOpen();
  }

  @Override
  public Position getPosition() {
    return below.getPosition();
  }

  private Bytes bytes(K key) {
    return Bytes.wrap(keys.serializer().serialize(name, key));
  }

  private K decodeKey(Bytes key) {
    return keys.deserializer().deserialize(name, key.get());
  }

  private byte[] encode(V value) {
    return values.serializer().serialize(name, value);
  }

  private V decode(byte[] bytes) {
    return values.deserializer().deserialize(name, bytes);
  }
}
