package io.fuseline.alerting.client;

/** One watched run or agent. Closing it is {@link #unwatch()}. */
public interface Subscription extends AutoCloseable {

  /**
   * The run is over, or the agent no longer served here: no handler is called from now on. Commands
   * that still waited for the handler are answered with UNKNOWN_TARGET. A second call does nothing.
   */
  void unwatch();

  @Override
  default void close() {
    unwatch();
  }
}
