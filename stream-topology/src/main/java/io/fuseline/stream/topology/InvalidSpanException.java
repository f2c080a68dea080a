package io.fuseline.stream.topology;

/**
 * A record on the topic of spans, or of outcomes, cannot be booked; it goes to the dead letters
 * with this message.
 */
final class InvalidSpanException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason one of a few fixed words, for counting
   * @param message what was wrong, where, what was expected, what to do
   */
  InvalidSpanException(String reason, String message, Throwable cause) {
    super(reason + ": " + message, cause);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
