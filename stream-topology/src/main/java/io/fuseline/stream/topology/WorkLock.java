package io.fuseline.stream.topology;

import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.streams.processor.Punctuator;

/**
 * Held by a processor while it works on decoded state, so that queries, which come from other
 * threads, read nothing half changed. A query holds it for as long as it takes to copy what it asks
 * for.
 */
final class WorkLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;

  /** The same punctuation with the lock held. */
  Punctuator around(Punctuator punctuator) {
    return now -> {
      lock();
      try {
        punctuator.punctuate(now);
      } finally {
        unlock();
      }
    };
  }
}
