package io.fuseline.enrichment.price;

import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a CSV text by RFC 4180: fields may stand in double quotes, a quote in them is
 * doubled, line breaks in quotes belong to the field. Blank lines count for nothing.
 */
final class CsvRows {

  private final String text;
  private final List<Row> rows = new ArrayList<>();
  private int at;
  private int line = 1;

  private CsvRows(String text) {
    this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /**
   * The rows in order, the header first.
   *
   * @throws PriceFileException if a quote is not closed or stands where none may
   */
  static List<Row> of(String text, String name) {
    return new CsvRows(text).read(name);
  }

  private List<Row> read(String name) {
    while (at < text.length()) {
      int start = line;
      List<String> fields = new ArrayList<>();
      do {
        fields.add(field(name, fields.size() + 1));
      } while (next(','));
      if (at < text.length() && !next('\r') && !next('\n')) {
        throw wrong(name, line, fields.size(), "a comma or the end of the line behind a quote");
      }
      if (text.startsWith("\n", at) && text.charAt(at - 1) == '\r') {
        at++;
      }
      line++;
      if (fields.size() > 1 || !fields.get(0).isBlank()) {
        rows.add(new Row(start, List.copyOf(fields)));
      }
    }
    return rows;
  }

  private String field(String name, int column) {
    return at < text.length() && text.charAt(at) == '"' ? quoted(name, column) : plain();
  }

  private String plain() {
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at).strip();
  }

  private String quoted(String name, int column) {
    int opened = line;
    StringBuilder field = new StringBuilder();
    at++;
    while (at < text.length()) {
      char next = text.charAt(at++);
      if (next == '"' && !next('"')) {
        return field.toString();
      }
      line += next == '\n' ? 1 : 0;
      field.append(next);
    }
    throw wrong(name, opened, column, "a closing quote");
  }

  private boolean next(char wanted) {
    boolean there = at < text.length() && text.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }

  private static PriceFileException wrong(String name, int line, int column, String expected) {
    return new PriceFileException(
        List.of(new Fault(name, line, "column " + column, expected, "something else")));
  }

  /**
   * One row.
   *
   * @param line line it begins in, from 1
   */
  record Row(int line, List<String> fields) {}
}
