package io.fuseline.alerting.sink;

import java.time.Duration;
import java.util.List;

/**
 * How a destination is called by HTTP.
 *
 * @param timeout how long one call may take, connecting included
 * @param allowAddresses ranges that may be called although they are not public
 */
record HttpSettings(Duration timeout, List<AddressRange> allowAddresses) {
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  HttpSettings {
    allowAddresses = List.copyOf(allowAddresses);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", expected above zero");
    }
  }
}
