package io.fuseline.schemas.serde;

import java.util.Arrays;
import org.apache.avro.util.Utf8;

/**
 * Gives equal texts as one instance where it has seen them not long ago: most texts of a record are
 * names that the records before it had, too. Saves making them, and whoever looks them up then
 * finds their hash known and the same instance. Holds a bounded number; for one thread.
 */
final class TextCache {
  /** A power of two. */
  private static final int PLACES = 4_096;

  /** Longer texts are seldom names. */
  private static final int MOST_BYTES = 64;

  private final byte[][] bytes = new byte[PLACES][];
  private final String[] texts = new String[PLACES];

  /** The text that the UTF-8 says. */
  String of(Utf8 utf8) {
    int length = utf8.getByteLength();
    if (length > MOST_BYTES) {
      return utf8.toString();
    }
    byte[] given = utf8.getBytes();
    int place = place(given, length);
    byte[] known = bytes[place];
    if (known != null && Arrays.equals(known, 0, known.length, given, 0, length)) {
      return texts[place];
    }
    String text = utf8.toString();
    bytes[place] = Arrays.copyOf(given, length);
    texts[place] = text;
    return text;
  }

  private static int place(byte[] given, int length) {
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + given[i];
    }
    hash *= 0x9E3779B9;
    return hash >>> 20;
  }
}
