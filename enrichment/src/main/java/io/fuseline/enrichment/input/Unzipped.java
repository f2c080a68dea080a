package io.fuseline.enrichment.input;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Input that may be compressed. */
public final class Unzipped {

  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private Unzipped() {}

  /** The content of the stream, which is gzip if it begins like it and plain otherwise. */
  public static InputStream of(InputStream in) throws IOException {
    InputStream buffered = new BufferedInputStream(in);
    buffered.mark(2);
    boolean gzip = buffered.read() == GZIP_FIRST && buffered.read() == GZIP_SECOND;
    buffered.reset();
    return gzip ? new GZIPInputStream(buffered) : buffered;
  }
}
