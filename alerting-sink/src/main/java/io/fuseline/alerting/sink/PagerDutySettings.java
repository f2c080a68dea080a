package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Event.Kind;
import java.net.URI;
import java.time.Clock;
import java.util.regex.Pattern;

/**
 * A PagerDuty service, by its Events API v2 integration.
 *
 * @param url where events are enqueued
 * @param routingKey integration key of the service, 32 characters
 * @param page address of Fuseline's page to link to, or null
 */
record PagerDutySettings(URI url, Secret routingKey, URI page, HttpSettings http)
    implements DestinationSettings {
  static final String ENQUEUE = "https://events.pagerduty.com/v2/enqueue";
  private static final Pattern KEY = Pattern.compile("[0-9A-Za-z]{32}");

  PagerDutySettings {
    if (!KEY.matcher(routingKey.value()).matches()) {
      throw new IllegalArgumentException(
          "routing_key has "
              + routingKey.value().length()
              + " characters, expected the 32 letters and digits of an Events API v2 integration key");
    }
  }

  @Override
  public String type() {
    return "pagerduty";
  }

  @Override
  public String shown() {
    return Urls.shown(url);
  }

  /** A command comes with an alert of the same episode, which says as much. */
  @Override
  public boolean takes(Event event) {
    return event.kind() == Kind.ALERT;
  }

  @Override
  public boolean mayTake(Kind kind) {
    return kind == Kind.ALERT;
  }

  /** An incident stands for one episode. */
  @Override
  public boolean digests() {
    return false;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new PagerDuty(this, new HttpCaller(http, clock));
  }
}
