package io.fuseline.deploy.cli;

/** A file the user gave is wrong. The message names file, line and field, and what was expected. */
final class RefusedInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedInputException(String message) {
    super(message);
  }

  RefusedInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
