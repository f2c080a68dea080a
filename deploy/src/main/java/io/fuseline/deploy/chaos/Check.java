package io.fuseline.deploy.chaos;

/**
 * One thing that was checked.
 *
 * @param what what was looked at
 * @param expected how it had to be, in words that are equal when it is
 * @param found how it was
 */
public record Check(String what, String expected, String found) {
  /** Sets and maps may be large: a report shows where two differ, not all of them. */
  private static final int MOST_SHOWN = 400;

  static Check of(String what, Object expected, Object found) {
    return new Check(what, String.valueOf(expected), String.valueOf(found));
  }

  /** True when it was as it had to be. */
  public boolean holds() {
    return expected.equals(found);
  }

  /** One line when it holds, else with both sides. */
  @Override
  public String toString() {
    return holds()
        ? "ok      " + what + ": " + shown(found)
        : "FAILED  %s%n        expected %s%n        found    %s"
            .formatted(what, aroundDifference(expected, found), aroundDifference(found, expected));
  }

  private static String shown(String text) {
    return text.length() <= MOST_SHOWN / 4 ? text : text.substring(0, MOST_SHOWN / 4) + " …";
  }

  private static String aroundDifference(String text, String other) {
    int same = 0;
    while (same < Math.min(text.length(), other.length())
        && text.charAt(same) == other.charAt(same)) {
      same++;
    }
    int from = Math.max(0, same - MOST_SHOWN / 4);
    int to = Math.min(text.length(), from + MOST_SHOWN);
    return (from > 0 ? "… " : "") + text.substring(from, to) + (to < text.length() ? " …" : "");
  }
}
