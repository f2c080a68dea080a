package io.fuseline.schemas.serde;

import org.apache.kafka.common.errors.SerializationException;

/**
 * The bytes of a record cannot be read, and never will be: the wrong framing, a schema id the
 * registry does not know, or content that does not fit its schema. The record is at fault; send it
 * to the dead letters and go on.
 */
public final class UndecodableRecordException extends SerializationException {
  private static final long serialVersionUID = 1L;

  public UndecodableRecordException(String message) {
    super(message);
  }

  public UndecodableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
