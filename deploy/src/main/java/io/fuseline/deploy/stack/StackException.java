package io.fuseline.deploy.stack;

/**
 * A part of the local stack is missing or did not start. The message says which, why, and what to
 * do.
 */
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StackException(String message) {
    super(message);
  }

  StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
