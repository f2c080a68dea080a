package io.fuseline.alerting.sink;

/**
 * A place events are delivered to.
 *
 * @param name unique; consumer groups, metrics and deliveries go by it
 * @param retry how failed attempts are tried again
 * @param startAt {@code earliest} or {@code latest}: where it begins when it is new
 */
record Destination(String name, DestinationSettings settings, RetryPolicy retry, String startAt) {
  static final String EARLIEST = "earliest";
  static final String LATEST = "latest";

  @Override
  public String toString() {
    return name + " (" + settings.type() + " " + settings.shown() + ")";
  }
}
