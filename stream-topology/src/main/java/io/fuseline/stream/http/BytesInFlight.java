package io.fuseline.stream.http;

import io.fuseline.stream.metrics.IngestMetrics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of requests that are worked on: each takes what it needs as it is read, and
 * gives it back when it is answered.
 */
final class BytesInFlight {
  private final long most;
  private final IngestMetrics metrics;
  private final AtomicLong taken = new AtomicLong();

  BytesInFlight(long most, IngestMetrics metrics) {
    this.most = most;
    this.metrics = metrics;
  }

  /** A request's share, empty at first. */
  Share share() {
    return new Share();
  }

  /** Used by one thread; closing it gives everything back. */
  final class Share implements AutoCloseable {
    private long mine;

    /** Takes more; false, and nothing taken, when that would be too much. */
    boolean take(long bytes) {
      if (taken.addAndGet(bytes) > most) {
        taken.addAndGet(-bytes);
        return false;
      }
      mine += bytes;
      metrics.bytesInFlight(bytes);
      return true;
    }

    @Override
    public void close() {
      taken.addAndGet(-mine);
      metrics.bytesInFlight(-mine);
      mine = 0;
    }
  }
}
