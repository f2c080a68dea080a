package io.fuseline.deploy.replay;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The lines of a text file, plain or gzip, as bytes. */
public final class SpanLines implements Closeable {
  /** Longer lines are not kept: far more than a span with everything a check lets pass. */
  public static final int MAX_LINE_BYTES = 8 << 20;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int at;
  private int filled;
  private boolean tooLong;
  private long number;

  public SpanLines(Path file) throws IOException {
    in = plain(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
  }

  /**
   * One line.
   *
   * @param number from 1
   * @param bytes without the line feed; null when there are more than {@value #MAX_LINE_BYTES}
   */
  public record Line(long number, byte[] bytes) {}

  /** The next line; null at the end of the file. */
  public Line next() throws IOException {
    line.reset();
    tooLong = false;
    boolean begun = false;
    while (fill()) {
      begun = true;
      int end = at;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      keep(end - at);
      at = end + 1;
      if (end < filled) {
        return take();
      }
    }
    return begun ? take() : null;
  }

  private boolean fill() throws IOException {
    if (at >= filled) {
      filled = in.read(buffer);
      at = 0;
    }
    return filled > 0;
  }

  private void keep(int length) {
    tooLong |= line.size() + length > MAX_LINE_BYTES;
    if (!tooLong) {
      line.write(buffer, at, length);
    }
  }

  private Line take() {
    return new Line(++number, tooLong ? null : line.toByteArray());
  }

  private static InputStream plain(InputStream in) throws IOException {
    try {
      in.mark(2);
      boolean gzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
      in.reset();
      return gzip ? new GZIPInputStream(in, BUFFER_BYTES) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
