package io.fuseline.deploy.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Text in columns. A heading that starts with {@code >} stands over a column of numbers, which are
 * aligned to the right.
 */
final class Table {
  private final List<String> headings;
  private final boolean[] right;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... headings) {
    this.right = new boolean[headings.length];
    List<String> names = new ArrayList<>();
    for (int column = 0; column < headings.length; column++) {
      right[column] = headings[column].startsWith(">");
      names.add(right[column] ? headings[column].substring(1) : headings[column]);
    }
    this.headings = List.copyOf(names);
    rows.add(this.headings);
  }

  void row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + headings.size() + " columns");
    }
    rows.add(List.of(cells));
  }

  void print(PrintWriter out) {
    int[] widths = new int[headings.size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String padding = " ".repeat(widths[column] - row.get(column).length());
        line.append(right[column] ? padding + row.get(column) : row.get(column) + padding)
            .append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
