package io.fuseline.alerting.sink;

import java.net.URI;
import java.time.Clock;

/**
 * A Slack channel, by incoming webhook or by {@code chat.postMessage}.
 *
 * @param url the webhook, a secret in itself; or the address of the method
 * @param token bot token for {@code chat.postMessage}; null for a webhook
 * @param channel where to post with the token; null for a webhook, which knows its channel
 * @param page address of Fuseline's page to link to, or null
 */
record SlackSettings(URI url, Secret token, String channel, URI page, HttpSettings http)
    implements DestinationSettings {
  static final String POST_MESSAGE = "https://slack.com/api/chat.postMessage";

  @Override
  public String type() {
    return "slack";
  }

  @Override
  public String shown() {
    return channel == null ? Urls.shown(url) : channel;
  }

  @Override
  public boolean takes(Event event) {
    return event.kind() != Event.Kind.COMMAND;
  }

  @Override
  public boolean takesWhenAsked(Event event) {
    return true;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new Slack(this, new HttpCaller(http, clock));
  }
}
