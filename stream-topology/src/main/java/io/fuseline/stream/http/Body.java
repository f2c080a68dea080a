package io.fuseline.stream.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads a request's body, plain or gzip, within limits on what comes in and on what it becomes. */
final class Body {
  private static final int CHUNK_BYTES = 1 << 14;

  private Body() {}

  /**
   * @param most bytes of the body, before and after it is uncompressed
   * @param share grows with what is read
   * @throws Problem when the body is too large, not gzip though it says so, or too much is in
   *     flight
   */
  static byte[] read(Context context, int most, BytesInFlight.Share share) {
    String encoding = context.header("Content-Encoding");
    boolean gzip = encoding != null && isGzip(encoding);
    long announced = context.req().getContentLengthLong();
    if (announced > most) {
      readAway(context.bodyInputStream(), Math.min(announced, 2L * most));
      throw tooLarge(most);
    }
    try (InputStream in = stream(context.bodyInputStream(), gzip, most)) {
      return read(in, most, announced, share);
    } catch (ZipException | EOFException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          "The body is not whole gzip: " + e.getMessage() + ".",
          "Send what Content-Encoding says; leave the header out for a body that is not compressed.");
    } catch (IOException e) {
      throw new Problem(
          Problem.Kind.BROKEN_BODY,
          "The body cannot be read: " + e.getMessage() + ".",
          "Send it again.");
    }
  }

  private static boolean isGzip(String encoding) {
    return switch (encoding.trim().toLowerCase(Locale.ROOT)) {
      case "gzip" -> true;
      case "", "identity" -> false;
      default ->
          throw new Problem(
              Problem.Kind.WRONG_CONTENT_TYPE,
              "Content-Encoding is '" + encoding + "'.",
              "Use gzip, or none.");
    };
  }

  private static InputStream stream(InputStream body, boolean gzip, int most) throws IOException {
    return gzip ? new GZIPInputStream(new Bounded(body, most), CHUNK_BYTES) : body;
  }

  private static byte[] read(InputStream in, int most, long announced, BytesInFlight.Share share)
      throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream((int) Math.max(announced, CHUNK_BYTES));
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      if (body.size() + read > most) {
        readAway(in, most);
        throw tooLarge(most);
      }
      if (!share.take(read)) {
        readAway(in, most);
        throw Problem.busy("More is in flight than this instance holds");
      }
      body.write(chunk, 0, read);
    }
    return body.toByteArray();
  }

  /**
   * A sender that is still sending would see its connection break and not our answer; so a bit more
   * is read, and thrown away.
   */
  private static void readAway(InputStream in, long most) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      long left = most;
      for (int read = 0; read >= 0 && left > 0; left -= read) {
        read = in.read(chunk);
      }
    } catch (IOException e) {
      // The answer is an error in any case.
    }
  }

  private static Problem tooLarge(int most) {
    return new Problem(
            Problem.Kind.BODY_TOO_LARGE,
            "The body has more than " + most + " bytes, uncompressed.",
            "Send smaller batches, or raise ingest.body.bytes.")
        .with("limit", most);
  }

  /** Compressed input that becomes nothing could go on for ever. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private final int most;
    private long left;

    Bounded(InputStream in, int most) {
      this.in = in;
      this.most = most;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      spend(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int read = in.read(into, from, length);
      spend(Math.max(read, 0));
      return read;
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }

    private void spend(int bytes) {
      left -= bytes;
      if (left < 0) {
        throw tooLarge(most);
      }
    }
  }
}
