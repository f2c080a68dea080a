package io.fuseline.alerting.sink;

import java.time.Clock;

/** One kind of destination, with its settings. */
interface DestinationSettings {

  /** What the routes file calls it. */
  String type();

  /** Host or account, for messages; without secrets. */
  String shown();

  /** Whether such events are for this destination when a route says nothing of their kind. */
  boolean takes(Event event);

  /** Whether they are when a route asks for their kind. */
  default boolean takesWhenAsked(Event event) {
    return takes(event);
  }

  /** Whether a route may ask for this kind of event. */
  default boolean mayTake(Event.Kind kind) {
    return true;
  }

  /** Whether many events can be told in one message. */
  default boolean digests() {
    return true;
  }

  /** Ready to deliver; to be closed by the caller. */
  SinkTarget open(Clock clock);
}
