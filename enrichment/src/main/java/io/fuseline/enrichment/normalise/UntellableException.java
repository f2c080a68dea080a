package io.fuseline.enrichment.normalise;

/** A span's counters contradict each other, or are none: its usage cannot be told. */
final class UntellableException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String field;

  /**
   * @param reason class of the fault, fit for counting
   * @param field attribute or unit that is wrong
   * @param message what is wrong with it, beginning with a verb; for people
   */
  UntellableException(String reason, String field, String message) {
    super(message);
    this.reason = reason;
    this.field = field;
  }

  Normalised.Rejected of(SourceSpan span) {
    return new Normalised.Rejected(
        reason,
        field,
        field + " of span " + span.spanId() + " (" + span.name() + ") " + getMessage());
  }
}
