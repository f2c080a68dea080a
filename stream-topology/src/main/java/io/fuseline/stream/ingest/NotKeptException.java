package io.fuseline.stream.ingest;

/** Not all spans of a batch could be kept; the sender should send the batch again, later. */
public final class NotKeptException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why, as far as the sender should act on it. */
  public enum Cause {
    /** More comes in than can be written. */
    TOO_MUCH,
    /** Broker or schema registry does not answer, or not as it should. */
    UNREACHABLE
  }

  private final Cause reason;

  /**
   * @param message what failed, and where
   */
  public NotKeptException(Cause reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Cause reason() {
    return reason;
  }
}
