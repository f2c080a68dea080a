package io.fuseline.enrichment.outcome;

import io.fuseline.enrichment.outcome.CheckedOutcome.Accepted;
import io.fuseline.enrichment.outcome.CheckedOutcome.Reason;
import io.fuseline.enrichment.outcome.CheckedOutcome.Rejected;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.Outcome;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * The door every outcome passes before it is counted. What would falsify the count, or the value of
 * what was achieved, rejects it; a time ahead of the clock is taken for now.
 */
public final class OutcomeCheck {
  /** Most of one outcome at once. */
  public static final long MAX_COUNT = 1_000_000;

  /** Highest value of one outcome, in whole units of the currency, either way. */
  public static final BigDecimal MAX_VALUE = BigDecimal.valueOf(9_000_000);

  private static final int SCALE = 12;

  /** A type is a dimension value, and many of them are kept in one state: short and plain. */
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}");

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  private OutcomeCheck() {}

  /** True for a text that can be the type of an outcome. */
  public static boolean isType(String type) {
    return type != null && TYPE.matcher(type).matches();
  }

  /**
   * Checks the outcome and puts it in order. An accepted outcome is the same instance, changed: the
   * caller must own it.
   *
   * @param currency ISO 4217 currency of all money
   * @param nowMicros microseconds since the epoch, UTC, or {@link SpanCheck#NO_CLOCK}
   */
  public static CheckedOutcome check(Outcome outcome, String currency, long nowMicros) {
    Rejected rejected = fault(outcome, currency);
    if (rejected != null) {
      return rejected;
    }
    if (isMissing(outcome.getTenantId())) {
      outcome.setTenantId(SpanCheck.DEFAULT_TENANT);
    }
    long occurred = ChronoUnit.MICROS.between(Instant.EPOCH, outcome.getOccurredAt());
    boolean ahead =
        nowMicros != SpanCheck.NO_CLOCK && occurred - SpanCheck.FUTURE_TOLERANCE_MICROS > nowMicros;
    if (ahead) {
      occurred = nowMicros;
      outcome.setOccurredAt(Instant.EPOCH.plus(nowMicros, ChronoUnit.MICROS));
    }
    boolean success = outcome.getSuccess();
    long value =
        success && outcome.getValue() != null
            ? outcome.getValue().movePointRight(SCALE).longValueExact()
            : 0;
    return new Accepted(
        outcome,
        outcome.getOutcomeId(),
        outcome.getRootRunId(),
        outcome.getTenantId(),
        outcome.getType(),
        success ? outcome.getCount() : 0,
        success ? 0 : outcome.getCount(),
        value,
        occurred);
  }

  private static Rejected fault(Outcome outcome, String currency) {
    if (isMissing(outcome.getOutcomeId())) {
      return rejected(
          Reason.MISSING_OUTCOME_ID,
          "outcome_id",
          "nothing",
          "an id unique within the root run",
          "have the producer set it, and send the same id again when it repeats the outcome");
    }
    if (isMissing(outcome.getRootRunId())) {
      return rejected(
          Reason.MISSING_RUN_ID,
          "root_run_id",
          "nothing",
          "the id of the outermost run",
          "name the run whose spans carry the cost");
    }
    for (String id :
        new String[] {outcome.getOutcomeId(), outcome.getRootRunId(), outcome.getTenantId()}) {
      if (id != null && id.length() > SpanCheck.MAX_TEXT) {
        return rejected(
            Reason.ID_TOO_LONG,
            "an id",
            id.length() + " characters",
            "at most " + SpanCheck.MAX_TEXT,
            "use a shorter id or a hash of it");
      }
    }
    if (!isType(outcome.getType())) {
      return rejected(
          Reason.BAD_OUTCOME_TYPE,
          "type",
          outcome.getType() == null ? "nothing" : "'" + outcome.getType() + "'",
          "1 to 64 letters, digits, spaces or . _ : / -",
          "name the kind of outcome, such as ticket_resolved");
    }
    if (outcome.getCount() < 1 || outcome.getCount() > MAX_COUNT) {
      return rejected(
          Reason.ABSURD_COUNT,
          "count",
          String.valueOf(outcome.getCount()),
          "1 to " + MAX_COUNT,
          "say how many were achieved, or missed when success is false");
    }
    return valueFault(outcome, currency);
  }

  private static Rejected valueFault(Outcome outcome, String currency) {
    BigDecimal value = outcome.getValue();
    if (value != null && (value.abs().compareTo(MAX_VALUE) > 0 || value.scale() > SCALE)) {
      return rejected(
          Reason.ABSURD_VALUE,
          "value",
          value.toPlainString(),
          "at most " + MAX_VALUE + " with at most " + SCALE + " fraction digits",
          "check the unit at the producer");
    }
    if (value != null && !currency.equals(outcome.getCurrency())) {
      return rejected(
          Reason.FOREIGN_CURRENCY,
          "currency",
          "'" + outcome.getCurrency() + "'",
          "'" + currency + "', as costs are kept in",
          "convert the value at the producer, or leave it out");
    }
    Instant occurred = outcome.getOccurredAt();
    if (occurred == null || occurred.isBefore(EARLIEST) || !occurred.isBefore(LATEST)) {
      return rejected(
          Reason.ABSURD_TIME,
          "occurred_at",
          String.valueOf(occurred),
          "a time of the years 2000 to 2199",
          "check the unit of the producer's times: microseconds since 1970 are meant");
    }
    return null;
  }

  private static boolean isMissing(String id) {
    return id == null || id.isBlank();
  }

  private static Rejected rejected(
      Reason reason, String field, String found, String expected, String advice) {
    return new Rejected(
        reason, field, "%s: found %s, expected %s; %s.".formatted(field, found, expected, advice));
  }
}
