package io.fuseline.enrichment.span;

import io.fuseline.enrichment.input.Unzipped;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Reads spans from JSON lines, plain or gzip: one AgentSpan per line in the form of {@link
 * AvroJson}, UTF-8; empty lines are passed over. Reads as it goes: a file of any length takes the
 * memory of one line.
 */
public final class SpanJson {

  private SpanJson() {}

  /**
   * The lines of a file, in its order. A line that is no span is a {@link Line} with a fault; the
   * rest is read on.
   *
   * @return to be closed; throws {@link UncheckedIOException} while it is consumed if reading fails
   * @throws IOException if the file cannot be opened
   */
  public static Stream<Line> read(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      return read(in, file.toString());
    } catch (IOException broken) {
      in.close();
      throw new IOException(file + ": " + broken.getMessage(), broken);
    }
  }

  /**
   * The lines of a stream; closing the result closes it.
   *
   * @param name where the stream comes from, for messages
   * @see #read(Path)
   */
  public static Stream<Line> read(InputStream in, String name) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(Unzipped.of(in), StandardCharsets.UTF_8));
    AtomicLong number = new AtomicLong();
    return reader
        .lines()
        .map(text -> line(name, number.incrementAndGet(), text))
        .filter(line -> line.span() != null || line.fault() != null)
        .onClose(
            () -> {
              try {
                reader.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static Line line(String name, long number, String text) {
    if (text.isBlank()) {
      return new Line(number, null, null);
    }
    try {
      return new Line(number, AvroJson.fromJsonText(text, AgentSpan.class), null);
    } catch (RecordJsonException wrong) {
      return new Line(number, null, name + ":" + number + ": " + wrong.getMessage());
    }
  }

  /**
   * One line with a span or a fault.
   *
   * @param number line in the file, from 1
   * @param span null where there is a fault
   * @param fault file, line, field, what was expected and found; null where there is a span
   */
  public record Line(long number, AgentSpan span, String fault) {}
}
