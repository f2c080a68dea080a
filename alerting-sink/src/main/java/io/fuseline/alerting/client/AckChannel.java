package io.fuseline.alerting.client;

import io.fuseline.schemas.CommandAck;
import java.time.Duration;

/** Where acknowledgements go. Safe for use by many threads. */
interface AckChannel {

  /** Writes an acknowledgement; returns at once, a failure is logged. */
  void send(CommandAck ack);

  /** Waits at most this long until all that was sent is written. */
  void close(Duration patience);
}
