package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Event.Kind;
import io.fuseline.schemas.Action;
import java.net.URI;
import java.time.Clock;
import java.util.Map;

/**
 * Agents that speak A2A over JSON-RPC.
 *
 * @param agents address of each agent by its id
 * @param url address of agents not among them, with names in braces; null for none
 * @param version the protocol's
 * @param token sent as bearer; null for none
 */
record A2aSettings(
    Map<String, URI> agents, Template url, Version version, Secret token, HttpSettings http)
    implements DestinationSettings {

  /** What agents speak. */
  enum Version {
    /** Asks in the way of 1.0, and in that of 0.3 where the method is not known. */
    AUTO,
    /** {@code CancelTask}, with the header {@code A2A-Version}. */
    V1_0,
    /** {@code tasks/cancel}. */
    V0_3
  }

  A2aSettings {
    agents = Map.copyOf(agents);
  }

  @Override
  public String type() {
    return "a2a";
  }

  @Override
  public String shown() {
    return agents.size() + " agents by name" + (url == null ? "" : ", others by template");
  }

  @Override
  public boolean takes(Event event) {
    return event.kind() == Kind.COMMAND && event.command().getAction() == Action.KILL;
  }

  @Override
  public boolean mayTake(Kind kind) {
    return kind == Kind.COMMAND;
  }

  @Override
  public boolean digests() {
    return false;
  }

  @Override
  public SinkTarget open(Clock clock) {
    return new A2a(this, new HttpCaller(http, clock));
  }
}
