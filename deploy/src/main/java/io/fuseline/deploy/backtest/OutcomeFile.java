package io.fuseline.deploy.backtest;

import io.fuseline.deploy.replay.PastOutcome;
import io.fuseline.deploy.replay.ReplayInputException;
import io.fuseline.deploy.replay.SpanLines;
import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Outcomes as JSON lines, plain or gzip.
 *
 * @param outcomes by time
 */
record OutcomeFile(List<PastOutcome> outcomes) {
  /** No outcomes. */
  static OutcomeFile none() {
    return new OutcomeFile(List.of());
  }

  /** How each run that has outcomes ended. */
  Map<String, Ending> endings() {
    Map<String, Ending> endings = new HashMap<>();
    for (PastOutcome past : outcomes) {
      endings.merge(
          past.outcome().rootRunId(),
          past.outcome().successes() > 0 ? Ending.WELL : Ending.BADLY,
          (known, other) -> known == Ending.WELL ? known : other);
    }
    return endings;
  }

  /**
   * Reads a file. A line that is no outcome, or one that the pipeline would not count, is refused,
   * not passed over: a run would change sides by it.
   *
   * @param currency ISO 4217 currency of all money
   * @throws ReplayInputException naming file, line and field
   */
  static OutcomeFile read(Path file, String currency) {
    List<PastOutcome> outcomes = new ArrayList<>();
    try (SpanLines lines = new SpanLines(file)) {
      for (SpanLines.Line line = lines.next(); line != null; line = lines.next()) {
        Outcome outcome = outcome(file, line);
        if (outcome == null) {
          continue;
        }
        CheckedOutcome checked = OutcomeCheck.check(outcome, currency, SpanCheck.NO_CLOCK);
        if (checked instanceof CheckedOutcome.Rejected rejected) {
          throw new ReplayInputException(
              "%s:%d: %s".formatted(file, line.number(), rejected.message()));
        }
        outcomes.add(new PastOutcome(line.number(), (CheckedOutcome.Accepted) checked));
      }
    } catch (NoSuchFileException e) {
      throw new ReplayInputException("No file " + file + " with outcomes.", e);
    } catch (IOException e) {
      throw new ReplayInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
    outcomes.sort(Comparator.comparingLong(past -> past.outcome().occurredMicros()));
    return new OutcomeFile(List.copyOf(outcomes));
  }

  private static Outcome outcome(Path file, SpanLines.Line line) {
    if (line.bytes() == null) {
      throw new ReplayInputException(
          "%s:%d: the line is longer than %d bytes; expected one Outcome."
              .formatted(file, line.number(), SpanLines.MAX_LINE_BYTES));
    }
    String text = new String(line.bytes(), StandardCharsets.UTF_8);
    if (text.isBlank()) {
      return null;
    }
    try {
      return AvroJson.fromJsonText(text, Outcome.class);
    } catch (RecordJsonException e) {
      throw new ReplayInputException(
          "%s:%d: %s%s"
              .formatted(
                  file, line.number(), e.path().isEmpty() ? "" : e.path() + ": ", e.getMessage()),
          e);
    }
  }
}
