package io.fuseline.stream.ingest;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers of a dead letter, under the names that Kafka Streams gives its own (KIP-1034): one
 * reader reads all.
 */
public final class DeadLetterHeaders {
  private static final String MESSAGE = "__streams.errors.message";

  private DeadLetterHeaders() {}

  /** The reason, a colon, and what was wrong. */
  public static Headers of(RejectedSpan rejected) {
    String message = rejected.reason() + ": " + rejected.message();
    return new RecordHeaders().add(MESSAGE, message.getBytes(StandardCharsets.UTF_8));
  }
}
