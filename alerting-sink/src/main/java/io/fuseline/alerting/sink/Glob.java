package io.fuseline.alerting.sink;

/**
 * A text pattern: {@code *} stands for any text, {@code ?} for one character (code point). Takes at
 * most pattern length times text length steps, whatever the pattern.
 */
final class Glob {
  private final String written;
  private final int[] pattern;

  Glob(String written) {
    this.written = written;
    pattern = written.codePoints().toArray();
  }

  boolean matches(String given) {
    var text = given.codePoints().toArray();
    var at = 0;
    var inText = 0;
    var star = -1;
    var starText = 0;
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

  @Override
  public String toString() {
    return written;
  }
}
