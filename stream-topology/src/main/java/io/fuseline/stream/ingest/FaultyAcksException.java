package io.fuseline.stream.ingest;

/** Answers to commands that cannot be read; none of the batch is taken. */
public final class FaultyAcksException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which answer and field, what was expected and what was found
   */
  public FaultyAcksException(String message, Throwable cause) {
    super(message, cause);
  }
}
