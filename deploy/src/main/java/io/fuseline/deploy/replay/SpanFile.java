package io.fuseline.deploy.replay;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Spans as JSON lines: reads them, has each checked, and tells the good from the dead. */
final class SpanFile {
  /** Lines read before they are decoded side by side. */
  private static final int BATCH = 4_096;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;

  SpanFile(Path file) {
    this.file = file;
  }

  /** Receives the lines that cannot be used. */
  @FunctionalInterface
  interface DeadLetters {
    void accept(DeadLetter letter) throws IOException;
  }

  /** What a line turned out to be. */
  sealed interface Outcome permits HeldSpan, DeadLetter {}

  /**
   * Reads the whole file; blank lines are passed over.
   *
   * @return the good spans in the order of the file
   * @throws ReplayInputException when the file cannot be read to its end
   * @throws IOException when a dead letter cannot be written
   */
  List<HeldSpan> read(DeadLetters dead, Progress progress) throws IOException {
    List<HeldSpan> held = new ArrayList<>();
    List<SpanLines.Line> batch = new ArrayList<>(BATCH);
    try (SpanLines lines = open()) {
      do {
        batch.clear();
        fill(batch, lines);
        for (Outcome outcome : batch.parallelStream().map(SpanFile::decode).toList()) {
          if (outcome instanceof HeldSpan span) {
            held.add(span);
          } else {
            dead.accept((DeadLetter) outcome);
          }
        }
        progress.advance(batch.size());
      } while (!batch.isEmpty());
    }
    return held;
  }

  private SpanLines open() {
    try {
      return new SpanLines(file);
    } catch (NoSuchFileException e) {
      throw new ReplayInputException("No file " + file + " with spans.", e);
    } catch (IOException e) {
      throw new ReplayInputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private void fill(List<SpanLines.Line> batch, SpanLines lines) {
    long number = 0;
    try {
      while (batch.size() < BATCH) {
        SpanLines.Line line = lines.next();
        if (line == null) {
          return;
        }
        number = line.number();
        if (!isBlank(line.bytes())) {
          batch.add(line);
        }
      }
    } catch (IOException e) {
      throw new ReplayInputException(
          "%s:%d: the file cannot be read on after this line: %s. Is it cut off?"
              .formatted(file, number, e.getMessage()),
          e);
    }
  }

  private static boolean isBlank(byte[] line) {
    if (line == null) {
      return false;
    }
    for (byte character : line) {
      if (character != ' ' && character != '\t' && character != '\r') {
        return false;
      }
    }
    return true;
  }

  private static Outcome decode(SpanLines.Line line) {
    if (line.bytes() == null) {
      return new DeadLetter(
          line.number(),
          "line_too_long",
          "",
          "The line has more than " + SpanLines.MAX_LINE_BYTES + " bytes; expected one AgentSpan.");
    }
    AgentSpan span;
    try {
      span = AvroJson.fromJsonText(text(line), AgentSpan.class);
    } catch (CharacterCodingException e) {
      return new DeadLetter(
          line.number(), "undecodable", "", "The line is not UTF-8 text; expected one AgentSpan.");
    } catch (RecordJsonException e) {
      return new DeadLetter(line.number(), "undecodable", e.path(), e.getMessage());
    }
    CheckedSpan checked = SpanCheck.check(span, SpanCheck.NO_CLOCK);
    if (checked instanceof CheckedSpan.Rejected rejected) {
      return new DeadLetter(
          line.number(),
          rejected.reason().name().toLowerCase(Locale.ROOT),
          rejected.field(),
          rejected.message());
    }
    return HeldSpan.of((CheckedSpan.Accepted) checked, line.number());
  }

  /** Not {@code new String(…)}, which would put other characters for what is not UTF-8. */
  private static String text(SpanLines.Line line) throws CharacterCodingException {
    String text =
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.bytes())).toString();
    return line.number() == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
