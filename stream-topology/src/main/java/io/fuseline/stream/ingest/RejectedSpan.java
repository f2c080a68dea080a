package io.fuseline.stream.ingest;

import com.google.protobuf.Message;

/**
 * A span or event of a batch that cannot be booked.
 *
 * @param reason one of a few fixed words, for counting
 * @param message what was wrong, where, what was expected, what to do
 * @param original it alone in a batch of its own, with its resource and scope, in protobuf: mended,
 *     it can be sent again; null when it is too large for a record
 */
public record RejectedSpan(String reason, String message, byte[] original) {
  /** Half of what a broker takes as one record unless told otherwise. */
  private static final int MOST_BYTES = 512 << 10;

  static RejectedSpan of(String reason, String message, Message original) {
    int size = original.getSerializedSize();
    return size > MOST_BYTES
        ? new RejectedSpan(
            reason, message + " (Not kept: its " + size + " bytes are too many.)", null)
        : new RejectedSpan(reason, message, original.toByteArray());
  }
}
