package io.fuseline.deploy.cli;

/** A server we need does not answer. The message names its address and the option that sets it. */
final class UnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
