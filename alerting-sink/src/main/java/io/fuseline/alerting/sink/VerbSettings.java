package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Event.Kind;
import io.fuseline.schemas.Action;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

/**
 * Any HTTP interface that stops an agent or run.
 *
 * @param method such as POST or DELETE
 * @param url with names in braces after the host
 * @param shownUrl the address without its path
 * @param headers to be sent, by name
 * @param body with names in braces; null for none
 * @param contentType of the body
 * @param secret signs the body like a webhook's; null for no signature
 * @param actions of the commands it takes
 */
record VerbSettings(
    String method,
    Template url,
    URI shownUrl,
    Map<String, Secret> headers,
    Template body,
    String contentType,
    Secret secret,
    Set<Action> actions,
    HttpSettings http)
    implements DestinationSettings {

  VerbSettings {
    headers = Map.copyOf(headers);
    actions = Set.copyOf(actions);
  }

  @Override
  public String type() {
    return "http";
  }

  @Override
  public String shown() {
    return Urls.shown(shownUrl);
  }

  @Override
  public boolean takes(Event event) {
    return event.kind() == Kind.COMMAND && actions.contains(event.command().getAction());
  }

  /** A revocation too: it stops who did not stop when told. */
  @Override
  public boolean takesWhenAsked(Event event) {
    return event.isRevocation() || takes(event);
  }

  @Override
  public boolean mayTake(Kind kind) {
    return kind == Kind.COMMAND || kind == Kind.REVOCATION;
  }

  @Override
  public boolean digests() {
    return false;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new Verb(this, clock, new HttpCaller(http, clock));
  }
}
