package io.fuseline.alerting.sink;

/** Where events go. Safe for use by many threads. */
interface SinkTarget extends AutoCloseable {

  /**
   * Tries once to deliver an event.
   *
   * @param attempt number of this attempt, from 1
   * @throws InterruptedException when the sink closes; the event may or may not be delivered
   */
  Answer attempt(Event event, int attempt) throws InterruptedException;

  @Override
  default void close() {}
}
