package io.fuseline.stream.policy;

import java.util.Map;

/**
 * What a policy selects on. {@code tenant} and {@code agent} are never null; the other texts are
 * null when the span did not say.
 *
 * @param tool tool of the call at hand, or the tool that a budget per tool is of; else null
 * @param model likewise of a model
 * @param tags free attributes of the span; empty when it gave none
 */
public record Subject(
    String tenant,
    String agent,
    String role,
    String team,
    String project,
    String workflow,
    String costCentre,
    String environment,
    String tool,
    String model,
    Map<String, String> tags) {

  /** Without tags, and with no call at hand. */
  public Subject(
      String tenant,
      String agent,
      String role,
      String team,
      String project,
      String workflow,
      String costCentre,
      String environment) {
    this(
        tenant,
        agent,
        role,
        team,
        project,
        workflow,
        costCentre,
        environment,
        null,
        null,
        Map.of());
  }

  /** The same with other tags. */
  public Subject tagged(Map<String, String> given) {
    return new Subject(
        tenant, agent, role, team, project, workflow, costCentre, environment, tool, model, given);
  }

  /** The same with a call of a tool, or of a model, at hand. */
  public Subject calling(String toolCalled, String modelCalled) {
    return new Subject(
        tenant,
        agent,
        role,
        team,
        project,
        workflow,
        costCentre,
        environment,
        toolCalled,
        modelCalled,
        tags);
  }
}
