package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Event.Kind;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.TargetType;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A LiteLLM proxy.
 *
 * @param url of the proxy
 * @param key of a proxy admin
 * @param steps what to do on a KILL, in this order
 * @param targets which commands it takes, by type of target
 * @param agents LiteLLM's id of an agent by ours; an agent not among them has the same
 */
record LiteLlmSettings(
    URI url,
    Secret key,
    List<Step> steps,
    Set<TargetType> targets,
    Map<String, String> agents,
    HttpSettings http)
    implements DestinationSettings {

  /** What the proxy can be asked for. */
  enum Step {
    /** Fires the webhook the agent has in LiteLLM; has no counterpart for a RESTORE. */
    KILL_SWITCH,
    /** Blocks the virtual keys of the agent; unblocked by a RESTORE. */
    BLOCK_KEYS,
    /** Blocks the team, when a team is the target; unblocked by a RESTORE. */
    BLOCK_TEAM
  }

  LiteLlmSettings {
    steps = List.copyOf(steps);
    targets = Set.copyOf(targets);
    agents = Map.copyOf(agents);
  }

  @Override
  public String type() {
    return "litellm";
  }

  @Override
  public String shown() {
    return Urls.shown(url);
  }

  @Override
  public boolean takes(Event event) {
    return event.kind() == Kind.COMMAND
        && targets.contains(event.command().getTargetType())
        && (event.command().getAction() == Action.KILL
            || (event.command().getAction() == Action.RESTORE
                && steps.stream().anyMatch(step -> step != Step.KILL_SWITCH)));
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
    return new LiteLlm(this, new HttpCaller(http, clock));
  }
}
