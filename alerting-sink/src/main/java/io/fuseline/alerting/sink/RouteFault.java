package io.fuseline.alerting.sink;

/**
 * One thing wrong in a routes file.
 *
 * @param line from 1; 0 when the file as a whole is meant
 * @param field path of the field, such as {@code routes[1].to}
 * @param message what was found, what was expected, what to do
 */
public record RouteFault(String file, int line, String field, String message) {
  @Override
  public String toString() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + (field.isEmpty() ? "" : field + ": ")
        + message;
  }
}
