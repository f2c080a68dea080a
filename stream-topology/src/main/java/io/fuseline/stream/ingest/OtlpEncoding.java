package io.fuseline.stream.ingest;

/** The two forms in which OpenTelemetry data travels over HTTP and through Kafka. */
public enum OtlpEncoding {
  PROTOBUF("application/x-protobuf"),
  /** Proto3 JSON, but for trace and span ids, which are hexadecimal instead of base64. */
  JSON("application/json");

  private final String contentType;

  OtlpEncoding(String contentType) {
    this.contentType = contentType;
  }

  /** Media type that names this form. */
  public String contentType() {
    return contentType;
  }

  /**
   * The form a batch is in, where nothing says so: a JSON object begins with a brace, perhaps after
   * white space; no OpenTelemetry message in protobuf does.
   */
  static OtlpEncoding of(byte[] batch) {
    for (byte next : batch) {
      if (next == '{') {
        return JSON;
      }
      if (!Character.isWhitespace(next)) {
        return PROTOBUF;
      }
    }
    return PROTOBUF;
  }
}
