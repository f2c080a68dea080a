package io.fuseline.deploy.bench;

/** The bench could not measure; the message says which step failed and where its log is. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }

  BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
