package io.fuseline.stream.ingest;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where the HTTP way in listens, and what it lets through.
 *
 * @param port also listened on, such as {@link #OTLP_PORT}; empty: only the server's own port
 * @param token what a sender must give as bearer token; empty: any sender may
 * @param bodyBytes most bytes of one request, uncompressed; at least 1 KiB
 * @param bytesInFlight most bytes of all requests that are being worked on, uncompressed; at least
 *     {@code bodyBytes}. Decoded, they take several times as much memory.
 */
public record IngestSettings(
    OptionalInt port, Optional<String> token, int bodyBytes, long bytesInFlight) {
  /** OpenTelemetry's own port for OTLP over HTTP. */
  public static final int OTLP_PORT = 4318;

  /** A batch of 512 spans with long prompts; as much as the OpenTelemetry Collector takes. */
  public static final int DEFAULT_BODY_BYTES = 16 << 20;

  /** Four bodies of the largest size, or many thousand usual ones. */
  public static final long DEFAULT_BYTES_IN_FLIGHT = 64L << 20;

  private static final int LEAST_BODY_BYTES = 1 << 10;

  /**
   * @throws IllegalArgumentException naming the limit that is out of range
   */
  public IngestSettings {
    if (bodyBytes < LEAST_BODY_BYTES) {
      throw new IllegalArgumentException(
          "ingest body limit is " + bodyBytes + " bytes; give at least " + LEAST_BODY_BYTES);
    }
    if (bytesInFlight < bodyBytes) {
      throw new IllegalArgumentException(
          "ingest limit of bytes in flight is "
              + bytesInFlight
              + "; give at least the limit of one body, "
              + bodyBytes);
    }
    if (token.isPresent() && token.get().isBlank()) {
      throw new IllegalArgumentException("ingest token is blank; give a secret, or none at all");
    }
  }

  /** The default limits, for any sender, on the server's own port. */
  public static IngestSettings defaults() {
    return new IngestSettings(
        OptionalInt.empty(), Optional.empty(), DEFAULT_BODY_BYTES, DEFAULT_BYTES_IN_FLIGHT);
  }
}
