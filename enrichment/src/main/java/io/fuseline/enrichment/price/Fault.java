package io.fuseline.enrichment.price;

/**
 * One thing that is wrong with a price.
 *
 * @param file where it stands, a file name or price id; empty if not known
 * @param line line in that file, from 1; 0 if not known
 * @param field field that is wrong, as the file or schema names it
 * @param expected what would have been right
 * @param found what stood there
 */
public record Fault(String file, int line, String field, String expected, String found) {

  /** The fault in one sentence: {@code file:line: field: expected …, found …}. */
  public String message() {
    String where = file + (line > 0 ? ":" + line : "");
    return (where.isEmpty() ? "" : where + ": ")
        + field
        + ": expected "
        + expected
        + ", found "
        + found;
  }

  Fault at(String otherFile, int otherLine) {
    return new Fault(otherFile, otherLine, field, expected, found);
  }
}
