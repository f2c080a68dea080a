package io.fuseline.stream.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether this instance does its work; asked on every call of {@code /health/*}, so both answers
 * must be cheap.
 */
public interface Health {

  /**
   * Not ok means that only a restart will help, such as a stream thread that has stopped making
   * progress.
   */
  Status live();

  /**
   * Not ok means that this instance cannot answer now but may later, such as during a rebalance or
   * a restore.
   */
  Status ready();

  /**
   * @param details what the judgement rests on, shown as JSON in this order: strings, numbers,
   *     booleans, lists and maps
   */
  record Status(boolean ok, Map<String, Object> details) {
    public Status {
      details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }
  }
}
