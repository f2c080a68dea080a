package io.fuseline.stream.judge;

import java.nio.charset.StandardCharsets;

/** Texts as they weigh in state: in bytes of UTF-8. */
final class Utf8 {
  private static final int MOST_PER_CHAR = 3;

  private Utf8() {}

  static int bytes(String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** The text, or as much of it as has at most {@code most} bytes. */
  static String cut(String text, int most) {
    if (text == null || text.length() * MOST_PER_CHAR <= most) {
      return text;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= most) {
      return text;
    }
    int end = most;
    while ((utf8[end] & 0xC0) == 0x80) { // within a character
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8);
  }
}
