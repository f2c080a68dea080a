package io.fuseline.alerting.sink;

import java.net.URI;
import java.time.Clock;

/**
 * A webhook that events are posted to.
 *
 * @param url http or https
 * @param secret shared with the receiver, who checks the signature with it; 16 characters or more
 */
record WebhookSettings(URI url, Secret secret, HttpSettings http) implements DestinationSettings {
  private static final int MIN_SECRET_LENGTH = 16;

  WebhookSettings {
    if (secret.value().length() < MIN_SECRET_LENGTH) {
      throw new IllegalArgumentException(
          "secret is too short, expected "
              + MIN_SECRET_LENGTH
              + " characters or more, such as the output of: openssl rand -hex 32");
    }
  }

  @Override
  public String type() {
    return "webhook";
  }

  /** Without path and query, where receivers put tokens. */
  @Override
  public String shown() {
    return Urls.shown(url);
  }

  @Override
  public boolean takes(Event event) {
    return true;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new Webhook(this, clock, new HttpCaller(http, clock));
  }
}
