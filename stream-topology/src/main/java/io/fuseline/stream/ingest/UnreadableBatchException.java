package io.fuseline.stream.ingest;

/**
 * A batch that cannot be read as a whole; nothing was taken from it. The message says what is wrong
 * with it, for the people who sent it.
 */
public final class UnreadableBatchException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableBatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
