package io.fuseline.deploy.simulate;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.UUID;

/** Writes down what an agent did, as a span. */
final class SpanScribe {
  private final String tenant;

  SpanScribe(String tenant) {
    this.tenant = tenant;
  }

  /**
   * The span of a step that has ended.
   *
   * @param parentRunId null for the root run
   * @param number counts the steps of this run, from 1
   */
  AgentSpan span(
      Agent agent,
      Step step,
      String rootRunId,
      String runId,
      String parentRunId,
      int number,
      Instant began,
      Instant ended) {
    AgentSpan.Builder span =
        AgentSpan.newBuilder()
            .setSpanId(runId + "#" + number)
            .setTraceId(traceId(rootRunId))
            .setRunId(runId)
            .setParentRunId(parentRunId)
            .setRootRunId(rootRunId)
            .setTenantId(tenant)
            .setTeam(agent.team())
            .setProject(agent.project())
            .setWorkflow(agent.workflow())
            .setCostCentre(agent.costCentre())
            .setEnvironment("demo")
            .setAgentId(agent.id())
            .setAgentName(agent.id())
            .setAgentVersion(agent.version())
            .setAgentRole(agent.role())
            .setStep(step.name())
            .setStartTime(began)
            .setEndTime(ended)
            .setObservedTime(ended)
            .setStatus(SpanStatus.OK)
            .setSourceDialect("fuseline-simulator");
    if (step.work() instanceof Step.ModelCall call) {
      span.setKind(SpanKind.LLM)
          .setProvider(agent.model().provider())
          .setRequestModel(agent.model().name())
          .setResponseModel(agent.model().name())
          .setResponseId("resp-" + runId + "-" + number)
          .setUsage(new HashMap<>(call.usage()))
          .setInputInterpretation(InputInterpretation.DISJOINT);
    } else if (step.work() instanceof Step.ToolCall call) {
      span.setKind(SpanKind.TOOL)
          .setProvider(call.tool().provider())
          .setToolName(call.tool().name())
          .setToolCallId("call-" + runId + "-" + number)
          .setArgumentHash(call.argumentHash())
          .setResultHash(call.resultHash());
      if (call.errorType() != null) {
        span.setStatus(SpanStatus.ERROR).setErrorType(call.errorType());
      }
    }
    return span.build();
  }

  private static String traceId(String rootRunId) {
    return UUID.nameUUIDFromBytes(rootRunId.getBytes(StandardCharsets.UTF_8))
        .toString()
        .replace("-", "");
  }
}
