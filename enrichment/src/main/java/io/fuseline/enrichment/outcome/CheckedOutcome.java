package io.fuseline.enrichment.outcome;

import io.fuseline.schemas.Outcome;

/**
 * What {@link OutcomeCheck} says of an outcome: it may be counted, or it goes to the dead letters.
 */
public sealed interface CheckedOutcome {

  /**
   * An outcome that may be counted.
   *
   * @param outcome the outcome, with its tenant and time put in order
   * @param outcomeId unique within the root run
   * @param rootRunId root run that achieved it, or failed to
   * @param tenant {@link io.fuseline.enrichment.span.SpanCheck#DEFAULT_TENANT} if it is not told
   * @param type kind of outcome, such as {@code ticket_resolved}
   * @param successes how many were achieved; 0 for a failure
   * @param failures how many were missed; 0 for a success
   * @param valuePico what the successes are worth, pico-units; 0 when not told and for a failure
   * @param occurredMicros when it came about, microseconds since the epoch, UTC; never later than
   *     now
   */
  record Accepted(
      Outcome outcome,
      String outcomeId,
      String rootRunId,
      String tenant,
      String type,
      long successes,
      long failures,
      long valuePico,
      long occurredMicros)
      implements CheckedOutcome {}

  /**
   * An outcome that cannot be counted.
   *
   * @param reason class of the fault, for counting
   * @param field field that is wrong, as the schema names it
   * @param message what was wrong, where, what was expected and what to do; for people
   */
  record Rejected(Reason reason, String field, String message) implements CheckedOutcome {}

  /** Why an outcome was rejected. */
  enum Reason {
    MISSING_OUTCOME_ID,
    MISSING_RUN_ID,
    /** An id is longer than 512 characters. Ids are keys: they are not cut off. */
    ID_TOO_LONG,
    /** No type, or one that is no name of 1 to 64 plain characters. */
    BAD_OUTCOME_TYPE,
    /** Fewer than 1 or more than a million at once. */
    ABSURD_COUNT,
    /** Over 9 million, either way, or finer than 12 digits. */
    ABSURD_VALUE,
    /** The value is in another currency than costs are. */
    FOREIGN_CURRENCY,
    /** None, or one before the year 2000 or after 2199. */
    ABSURD_TIME
  }
}
