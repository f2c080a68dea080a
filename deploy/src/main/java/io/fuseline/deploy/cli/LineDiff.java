package io.fuseline.deploy.cli;

import java.io.PrintWriter;
import java.util.List;

/** Differences of two texts, line by line, by their longest common subsequence. */
final class LineDiff {
  /** Texts of more lines are shown whole: the table of a subsequence grows with the square. */
  private static final int MOST_LINES = 2_000;

  private LineDiff() {}

  /**
   * Prints removed lines after {@code -}, added ones after {@code +}, common ones after a blank.
   */
  static void print(String before, String after, PrintWriter out) {
    List<String> old = before.lines().toList();
    List<String> now = after.lines().toList();
    if (old.size() > MOST_LINES || now.size() > MOST_LINES) {
      old.forEach(line -> out.println("  - " + line));
      now.forEach(line -> out.println("  + " + line));
      return;
    }
    int[][] common = new int[old.size() + 1][now.size() + 1];
    for (int i = old.size() - 1; i >= 0; i--) {
      for (int j = now.size() - 1; j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(now.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < old.size() || j < now.size()) {
      if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
        out.println("    " + old.get(i++));
        j++;
      } else if (j >= now.size() || i < old.size() && common[i + 1][j] >= common[i][j + 1]) {
        out.println("  - " + old.get(i++));
      } else {
        out.println("  + " + now.get(j++));
      }
    }
  }
}
