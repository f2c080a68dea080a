package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import java.util.function.Function;

/** What the pipeline adds spans up by, for the programs that it is compared with. */
enum SpendDimension {
  AGENT("agent", AgentSpan::getAgentId),
  TOOL("tool", AgentSpan::getToolName),
  STEP("step", AgentSpan::getStep),
  MODEL("model", AgentSpan::getResponseModel),
  WORKFLOW("workflow", AgentSpan::getWorkflow),
  TEAM("team", AgentSpan::getTeam),
  PROJECT("project", AgentSpan::getProject),
  COST_CENTRE("cost-centre", AgentSpan::getCostCentre),
  TENANT("tenant", AgentSpan::getTenantId);

  private final String label;
  private final Function<AgentSpan, String> value;

  SpendDimension(String label, Function<AgentSpan, String> value) {
    this.label = label;
    this.value = value;
  }

  String label() {
    return label;
  }

  /** True when the span has a value here: a model call has no tool, a tool call no model. */
  boolean has(AgentSpan span) {
    return value.apply(span) != null;
  }

  /** The tenant's value. */
  String key(AgentSpan span) {
    return span.getTenantId() + "/" + value.apply(span);
  }
}
