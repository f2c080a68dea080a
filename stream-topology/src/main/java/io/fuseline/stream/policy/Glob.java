package io.fuseline.stream.policy;

/**
 * A text pattern: {@code *} stands for any text, {@code ?} for one character (code point). Takes at
 * most pattern length times text length steps, whatever the pattern: no glob can stall the stream.
 */
final class Glob {
  private final int[] pattern;

  Glob(String pattern) {
    this.pattern = pattern.codePoints().toArray();
  }

  /** False when the text stands for itself alone. */
  static boolean isPattern(String glob) {
    return glob.indexOf('*') >= 0 || glob.indexOf('?') >= 0;
  }

  boolean matches(String given) {
    int[] text = given.codePoints().toArray();
    int at = 0;
    int inText = 0;
    int star = -1;
    int starText = 0;
    while (inText < text.length) {
      if (at < pattern.length && pattern[at] == '*') {
        star = at++;
        starText = inText;
      } else if (at < pattern.length && (pattern[at] == '?' || pattern[at] == text[inText])) {
        at++;
        inText++;
      } else if (star >= 0) { // let the newest star take one character more
        at = star + 1;
        inText = ++starText;
      } else {
        return false;
      }
    }
    while (at < pattern.length && pattern[at] == '*') {
      at++;
    }
    return at == pattern.length;
  }
}
