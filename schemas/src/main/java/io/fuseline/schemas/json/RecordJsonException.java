package io.fuseline.schemas.json;

/**
 * JSON that does not fit the record it is read into. The message says where, what was expected and
 * what was found.
 */
public final class RecordJsonException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String fault;

  RecordJsonException(String fault) {
    this("", fault, null);
  }

  RecordJsonException(String fault, Throwable cause) {
    this("", fault, cause);
  }

  private RecordJsonException(String path, String fault, Throwable cause) {
    super(path.isEmpty() ? fault : path + ": " + fault, cause);
    this.path = path;
    this.fault = fault;
  }

  /**
   * Place of the fault, such as {@code usage.input_tokens} or {@code lines[2].cost}; empty for the
   * whole.
   */
  public String path() {
    return path;
  }

  RecordJsonException in(String field) {
    String outer = path.isEmpty() || path.startsWith("[") ? field + path : field + "." + path;
    return new RecordJsonException(outer, fault, getCause());
  }

  RecordJsonException at(int index) {
    String outer = "[" + index + "]";
    return new RecordJsonException(path.isEmpty() ? outer : outer + "." + path, fault, getCause());
  }
}
