package io.fuseline.stream.policy;

/**
 * One thing wrong in a policy file.
 *
 * @param line from 1; 0 when the file as a whole is meant
 * @param field path of the field, such as {@code ladder[1].at}
 * @param message what was found, what was expected, what to do
 */
public record PolicyFault(String file, int line, String field, String message) {
  @Override
  public String toString() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + (field.isEmpty() ? "" : field + ": ")
        + message;
  }
}
