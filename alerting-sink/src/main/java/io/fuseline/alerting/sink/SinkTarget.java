package io.fuseline.alerting.sink;

/** Where events go. Safe for use by many threads. */
interface SinkTarget {

  /** Name for messages, without secrets. */
  String name();

  /**
   * Delivers an event, trying again as long as that may help.
   *
   * @throws GivenUpException when it will not be delivered
   * @throws InterruptedException when the sink closes; the event is not delivered
   */
  void deliver(Event event) throws GivenUpException, InterruptedException;

  /** An event that will not be delivered; the message says why. */
  final class GivenUpException extends Exception {
    private static final long serialVersionUID = 1L;

    GivenUpException(String message) {
      super(message);
    }
  }
}
