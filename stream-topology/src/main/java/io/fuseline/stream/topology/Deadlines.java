package io.fuseline.stream.topology;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What has to be looked at when, by the wall clock, in a store sorted by time. Times are epoch
 * microseconds.
 */
final class Deadlines {
  /** Looked at in one punctuation at most, so that a burst does not hold up spans. */
  private static final int MOST_AT_ONCE = 5_000;

  private static final byte[] NOTHING = {};
  private static final int HEAD = Long.BYTES + 1;

  private final KeyValueStore<Bytes, byte[]> store;
  private long scannedTo;

  Deadlines(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /**
   * @param kind what is due, 0 to 127
   * @param what whom it concerns
   */
  record Due(long micros, byte kind, byte[] what) {}

  void set(long micros, byte kind, byte[] what) {
    store.put(key(micros, kind, what), NOTHING);
    scannedTo = Math.min(scannedTo, micros);
  }

  /** Takes what is due at {@code nowMicros} out of the store. */
  List<Due> take(long nowMicros) {
    List<Due> due = new ArrayList<>();
    // From where the last look ended: before it stand only tombstones, which would be read one by
    // one.
    try (KeyValueIterator<Bytes, byte[]> entries =
        store.range(key(scannedTo, (byte) 0, NOTHING), key(nowMicros, Byte.MAX_VALUE, NOTHING))) {
      while (entries.hasNext() && due.size() < MOST_AT_ONCE) {
        KeyValue<Bytes, byte[]> entry = entries.next();
        ByteBuffer buffer = ByteBuffer.wrap(entry.key.get());
        long micros = buffer.getLong();
        byte kind = buffer.get();
        byte[] what = new byte[buffer.remaining()];
        buffer.get(what);
        due.add(new Due(micros, kind, what));
      }
    }
    for (Due entry : due) {
      store.delete(key(entry.micros(), entry.kind(), entry.what()));
    }
    scannedTo = due.size() < MOST_AT_ONCE ? nowMicros : due.get(due.size() - 1).micros();
    return due;
  }

  private static Bytes key(long micros, byte kind, byte[] what) {
    return Bytes.wrap(
        ByteBuffer.allocate(HEAD + what.length).putLong(micros).put(kind).put(what).array());
  }
}
