package io.fuseline.deploy.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A Markdown table with its columns padded, so that it also reads well on a terminal. A heading
 * that starts with {@code >} stands over a column of numbers, which are aligned to the right.
 */
final class MarkdownTable {
  private final List<String> headings = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  MarkdownTable(String... headings) {
    for (String heading : headings) {
      right.add(heading.startsWith(">"));
      this.headings.add(heading.startsWith(">") ? heading.substring(1) : heading);
    }
  }

  void row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + headings.size() + " columns");
    }
    rows.add(List.of(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int[] widths = new int[headings.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = Math.max(3, headings.get(column).length());
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    line(text, headings, widths);
    for (int column = 0; column < widths.length; column++) {
      text.append(column == 0 ? "|" : "")
          .append(right.get(column) ? "-" : ":")
          .append("-".repeat(widths[column]))
          .append(right.get(column) ? ":|" : "-|");
    }
    text.append('\n');
    rows.forEach(row -> line(text, row, widths));
    return text.toString();
  }

  private void line(StringBuilder text, List<String> cells, int[] widths) {
    text.append('|');
    for (int column = 0; column < widths.length; column++) {
      String padding = " ".repeat(widths[column] - cells.get(column).length());
      text.append(' ')
          .append(right.get(column) ? padding + cells.get(column) : cells.get(column) + padding)
          .append(" |");
    }
    text.append('\n');
  }
}
