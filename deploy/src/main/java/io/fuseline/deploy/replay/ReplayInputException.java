package io.fuseline.deploy.replay;

/**
 * A file given to a replay cannot be used. The message says which, where in it, what was expected
 * and what was found. Nothing was written.
 */
public final class ReplayInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReplayInputException(String message) {
    super(message);
  }

  public ReplayInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
