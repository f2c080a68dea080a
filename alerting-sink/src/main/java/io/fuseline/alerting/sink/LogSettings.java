package io.fuseline.alerting.sink;

import java.time.Clock;

/** The log of this process. */
record LogSettings() implements DestinationSettings {
  @Override
  public String type() {
    return "log";
  }

  @Override
  public String shown() {
    return LogTarget.LOGGER;
  }

  @Override
  public boolean takes(Event event) {
    return true;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new LogTarget();
  }
}
