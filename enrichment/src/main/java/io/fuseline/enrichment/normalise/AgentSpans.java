package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanPhase;
import io.fuseline.schemas.SpanStatus;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts an agent span together from what a span tells by itself and what those above it tell. */
final class AgentSpans {

  /** Tag with the conversation or session, which may be many traces long and so is no run. */
  private static final String CONVERSATION_TAG = "gen_ai.conversation.id";

  /** Tag with the service, which is the agent's name where nothing better is known. */
  private static final String SERVICE_TAG = "service.name";

  private static final String TOOL_PREFIX = "execute_tool ";

  private AgentSpans() {}

  static Normalised of(Draft draft, Batch batch) {
    SourceSpan source = draft.source;
    Reading span = draft.span;
    BigDecimal cost = Values.money(span.value(Field.COST));
    String rootRun = identity(draft, batch, Field.ROOT_RUN_ID);
    String run = identity(draft, batch, Field.RUN_ID);
    // Not by its builder, which looks up and copies the default of every field left out.
    AgentSpan made = new AgentSpan();
    made.setSpanId(source.spanId());
    made.setTraceId(source.traceId());
    made.setParentSpanId(source.parentSpanId());
    made.setRunId(orEmpty(run));
    made.setParentRunId(identity(draft, batch, Field.PARENT_RUN_ID));
    made.setRootRunId(rootRun != null ? rootRun : orEmpty(source.traceId()));
    made.setTenantId(orEmpty(identity(draft, batch, Field.TENANT_ID)));
    made.setTeam(identity(draft, batch, Field.TEAM));
    made.setProject(identity(draft, batch, Field.PROJECT));
    made.setWorkflow(identity(draft, batch, Field.WORKFLOW));
    made.setCostCentre(identity(draft, batch, Field.COST_CENTRE));
    made.setEnvironment(draft.own(Field.ENVIRONMENT));
    made.setTags(tags(draft));
    made.setAgentId("");
    made.setStep(identity(draft, batch, Field.STEP));
    made.setKind(draft.kind);
    made.setProvider(draft.place.provider());
    made.setRequestModel(span.text(Field.REQUEST_MODEL));
    made.setResponseModel(span.text(Field.RESPONSE_MODEL));
    made.setResponseId(draft.usesTokens() ? span.text(Field.RESPONSE_ID) : null);
    made.setServiceTier(Places.tier(span.text(Field.SERVICE_TIER)));
    made.setRegion(draft.place.region());
    made.setToolName(draft.kind == SpanKind.TOOL ? toolName(draft) : null);
    made.setToolCallId(draft.kind == SpanKind.TOOL ? span.text(Field.TOOL_CALL_ID) : null);
    made.setArgumentHash(Fingerprint.of(span.value(Field.ARGUMENTS)));
    made.setResultHash(Fingerprint.of(span.value(Field.RESULT)));
    made.setStartTime(time(source.startMicros()));
    made.setEndTime(time(source.endMicros()));
    made.setPhase(SpanPhase.END);
    made.setStatus(status(draft));
    made.setUsage(draft.usage.leaves());
    made.setRawUsage(new HashMap<>(span.raw()));
    made.setInputInterpretation(draft.usage.input());
    made.setInterpretationRule(draft.usage.rule());
    made.setReportedCost(cost);
    made.setReportedCostCurrency(cost == null ? null : currency(span));
    made.setSourceDialect(draft.dialect.isEmpty() ? null : draft.dialect);
    made.setErrorType(made.getStatus() == SpanStatus.ERROR ? errorType(draft) : null);
    nameAgent(made, draft, batch);
    return new Normalised.Span(made, List.copyOf(draft.notes));
  }

  /** The field as the span or its resource has it, else as the nearest span above that has it. */
  private static String identity(Draft draft, Batch batch, Field field) {
    String own = draft.own(field);
    if (own != null) {
      return own;
    }
    Draft above = batch.nearest(draft, each -> each.own(field) != null);
    return above == null ? null : above.own(field);
  }

  /** Names the agent by the span, its resource, the nearest span above, else by the service. */
  private static void nameAgent(AgentSpan made, Draft draft, Batch batch) {
    Draft named = draft.namesAgent() ? draft : batch.nearest(draft, Draft::namesAgent);
    if (named == null) {
      String service = draft.resource.text(Field.SERVICE_NAME);
      made.setAgentId(orEmpty(service));
      made.setAgentName(service);
      made.setAgentVersion(service == null ? null : draft.resource.text(Field.SERVICE_VERSION));
    } else {
      String id = named.agentId();
      made.setAgentId(id != null ? id : named.agentName());
      made.setAgentName(named.agentName());
      made.setAgentVersion(named.own(Field.AGENT_VERSION));
    }
    made.setAgentRole(identity(draft, batch, Field.AGENT_ROLE));
  }

  private static Map<String, String> tags(Draft draft) {
    Map<String, String> tags = new HashMap<>(draft.resource.tags());
    tags.putAll(draft.span.tags());
    String conversation = draft.span.text(Field.CONVERSATION);
    if (conversation != null) {
      tags.putIfAbsent(CONVERSATION_TAG, conversation);
    }
    String service = draft.resource.text(Field.SERVICE_NAME);
    if (service != null) {
      tags.putIfAbsent(SERVICE_TAG, service);
    }
    return tags;
  }

  /** The status, where the dialect tells success by an attribute. */
  private static SpanStatus status(Draft draft) {
    String success = draft.span.text(Field.SUCCESS);
    if (draft.source.status() != SpanStatus.UNSET || success == null) {
      return draft.source.status();
    }
    return Values.truth(success) ? SpanStatus.OK : SpanStatus.ERROR;
  }

  private static String toolName(Draft draft) {
    String told = draft.span.text(Field.TOOL_NAME);
    if (told != null) {
      return told;
    }
    String name = draft.source.name();
    return name.startsWith(TOOL_PREFIX) ? name.substring(TOOL_PREFIX.length()) : name;
  }

  private static String errorType(Draft draft) {
    String told = draft.span.text(Field.ERROR_TYPE);
    if (told != null) {
      return told;
    }
    for (SourceEvent event : draft.source.events()) {
      String type = Values.text(event.attributes().get("exception.type"));
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  private static String currency(Reading span) {
    String told = span.text(Field.CURRENCY);
    return told == null ? "USD" : told;
  }

  private static Instant time(long micros) {
    return micros == 0 ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
