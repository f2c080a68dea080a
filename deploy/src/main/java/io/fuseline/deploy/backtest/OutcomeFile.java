package io.fuseline.deploy.backtest;

import io.fuseline.deploy.replay.ReplayInputException;
import io.fuseline.deploy.replay.SpanLines;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Outcomes as JSON lines, plain or gzip. */
final class OutcomeFile {
  private OutcomeFile() {}

  /**
   * How each run that has outcomes ended. A line that is no outcome is refused, not passed over: a
   * run would change sides by it.
   *
   * @throws ReplayInputException naming file, line and field
   */
  static Map<String, Ending> read(Path file) {
    Map<String, Ending> endings = new HashMap<>();
    try (SpanLines lines = new SpanLines(file)) {
      for (SpanLines.Line line = lines.next(); line != null; line = lines.next()) {
        Outcome outcome = outcome(file, line);
        if (outcome != null) {
          endings.merge(
              outcome.getRootRunId(),
              outcome.getSuccess() ? Ending.WELL : Ending.BADLY,
              (known, other) -> known == Ending.WELL ? known : other);
        }
      }
    } catch (NoSuchFileException e) {
      throw new ReplayInputException("No file " + file + " with outcomes.", e);
    } catch (IOException e) {
      throw new ReplayInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
    return endings;
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
