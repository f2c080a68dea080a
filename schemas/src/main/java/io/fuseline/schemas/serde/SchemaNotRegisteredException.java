package io.fuseline.schemas.serde;

import org.apache.kafka.common.KafkaException;

/**
 * The registry does not hold the schema under the subject it is to be written to, or refuses it as
 * incompatible. A fault of the deployment, the same for every record of the topic; the message says
 * which and what to do.
 */
public final class SchemaNotRegisteredException extends KafkaException {
  private static final long serialVersionUID = 1L;

  SchemaNotRegisteredException(String message, Throwable cause) {
    super(message, cause);
  }
}
