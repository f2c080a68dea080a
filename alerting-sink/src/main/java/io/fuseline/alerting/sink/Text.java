package io.fuseline.alerting.sink;

/** Fits texts that come from spans into what others take. */
final class Text {
  private static final String CUT = "…";

  private Text() {}

  /**
   * One line without control characters, of at most so many UTF-16 units; what is cut off is
   * marked.
   */
  static String oneLine(String text, int limit) {
    var line = new StringBuilder();
    text.codePoints().forEach(c -> line.appendCodePoint(isBreakOrControl(c) ? ' ' : c));
    return cut(line.toString().strip(), limit);
  }

  /** At most so many UTF-16 units; what is cut off is marked, and no character is halved. */
  static String cut(String text, int limit) {
    if (text.length() <= limit) {
      return text;
    }
    var end = limit - CUT.length();
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + CUT;
  }

  static boolean isBreakOrControl(int c) {
    return Character.isISOControl(c)
        || c == '\u2028'
        || c == '\u2029'
        || Character.getType(c) == Character.FORMAT
        || (c <= 0xffff && Character.isSurrogate((char) c));
  }
}
