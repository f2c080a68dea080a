package io.fuseline.stream.topology;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that all stores of decoded state share. While more is in use than allowed, a store that
 * holds more than an equal part lets go of what it has not used for longest; so a busy task never
 * pays for what idle ones hold. At most twice the limit is in use.
 */
final class StateMemory {
  private final long limitBytes;
  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger stores = new AtomicInteger();

  StateMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  void open() {
    stores.incrementAndGet();
  }

  /** The store holds nothing any more. */
  void close() {
    stores.decrementAndGet();
  }

  /** The store holds so much more, or less. */
  void take(long bytes) {
    used.addAndGet(bytes);
  }

  /** True when a store that holds so much has to let go of some. */
  boolean isTooMuch(long heldBytes) {
    return used.get() > limitBytes && heldBytes > limitBytes / Math.max(1, stores.get());
  }
}
