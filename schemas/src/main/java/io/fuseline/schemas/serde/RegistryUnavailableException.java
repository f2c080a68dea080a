package io.fuseline.schemas.serde;

import org.apache.kafka.common.errors.RetriableException;

/**
 * The schema registry could not be asked, although it was tried several times: unreachable, failing
 * (5xx), or refusing our credentials. Says nothing about the record at hand, which must be read
 * again later; never dead-letter it.
 */
public final class RegistryUnavailableException extends RetriableException {
  private static final long serialVersionUID = 1L;

  RegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
