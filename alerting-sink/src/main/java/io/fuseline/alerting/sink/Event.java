package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.EpisodeState;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.json.AvroJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An alert, a command or a digest on its way out.
 *
 * @param id the same whenever the same event is delivered again; an alert has one per state
 * @param kind what it is
 * @param episode the same for all events of one breach, from opening to closing
 * @param severity how loud to be; of a closing, how loud its episode was at its worst; null when
 *     that is not known
 * @param state what happened to the episode; null but for an alert
 * @param title one line: what happened, to whom
 * @param text one sentence a person can act on
 * @param scope whom it is about, by the names of {@link Match}
 * @param rule the rule that fired; empty when none
 * @param command the command; of a revocation, the KILL that was not obeyed; null when it is
 *     neither
 * @param issuedAt when it was written
 * @param data the record as JSON
 * @param summary what a log line, a message or a mail shows, in this order
 */
record Event(
    String id,
    Kind kind,
    String episode,
    Severity severity,
    EpisodeState state,
    String title,
    String text,
    Map<String, String> scope,
    String rule,
    Command command,
    Instant issuedAt,
    ObjectNode data,
    Map<String, String> summary) {

  /** What is delivered. */
  enum Kind {
    ALERT,
    COMMAND,
    /**
     * An alert that asks for the credentials of a target to be revoked. It is an {@link #ALERT}
     * too: only routes ask for this kind.
     */
    REVOCATION,
    DIGEST;

    String written() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Rule of the alerts that ask for the credentials of a target to be revoked. */
  private static final String REVOKE = "revoke-credentials";

  /** Evidence of a closing says under this name how severe the episode was at its worst. */
  private static final String WORST = "severity";

  static Event of(Alert alert) {
    var summary = new LinkedHashMap<String, String>();
    summary.put("severity", alert.getSeverity().name());
    summary.put("state", alert.getState().name());
    summary.put("action", alert.getAction().name());
    summary.put("mode", alert.getMode().name());
    summary.put("tenant", alert.getTenantId());
    summary.put("target_type", alert.getTargetType().name());
    summary.put("target", alert.getTarget());
    summary.put("policy", alert.getPolicyId());
    summary.put("spend", plain(alert.getSpend()));
    summary.put("currency", alert.getCurrency());
    summary.put("summary", alert.getEvidence().getSummary());
    var scope =
        scope(
            alert.getTenantId(),
            alert.getTargetType(),
            alert.getTarget(),
            alert.getAgentId(),
            alert.getPolicyId(),
            alert.getEvidence());
    if (alert.getRootRunId() != null) {
      scope.put("run", alert.getRootRunId());
    }
    belongsTo(scope, alert.getTeam(), alert.getProject());
    return new Event(
        "alert:" + alert.getAlertId() + ":" + lower(alert.getState()),
        Kind.ALERT,
        alert.getEpisodeId(),
        severity(alert),
        alert.getState(),
        "%s %s: %s %s (%s)"
            .formatted(
                alert.getSeverity(),
                lower(alert.getState()),
                lower(alert.getTargetType()),
                alert.getTarget(),
                alert.getPolicyId()),
        alert.getEvidence().getSummary(),
        scope,
        alert.getEvidence().getRule(),
        alert.getEvidence().getRule().equals(REVOKE) ? notObeyed(alert) : null,
        alert.getIssuedAt(),
        AvroJson.toJson(alert),
        summary);
  }

  /** The KILL that a revocation is about, as far as its alert tells. */
  private static Command notObeyed(Alert alert) {
    return Command.newBuilder()
        .setCommandId(alert.getCommandId() == null ? alert.getAlertId() : alert.getCommandId())
        .setAction(Action.KILL)
        .setTenantId(alert.getTenantId())
        .setTargetType(alert.getTargetType())
        .setTarget(alert.getTarget())
        .setEpoch(0)
        .setAgentId(alert.getAgentId())
        .setRootRunIds(alert.getRootRunId() == null ? List.of() : List.of(alert.getRootRunId()))
        .setReason(alert.getEvidence().getSummary())
        .setEvidence(alert.getEvidence())
        .setPolicyId(alert.getPolicyId())
        .setPolicyVersion(alert.getPolicyVersion())
        .setEpisodeId(alert.getEpisodeId())
        .setSpend(alert.getSpend())
        .setCurrency(alert.getCurrency())
        .setEventTime(alert.getEventTime())
        .setIssuedAt(alert.getIssuedAt())
        .setDeadline(alert.getIssuedAt())
        .build();
  }

  private static void belongsTo(Map<String, String> scope, String team, String project) {
    if (team != null) {
      scope.putIfAbsent("team", team);
    }
    if (project != null) {
      scope.putIfAbsent("project", project);
    }
  }

  static Event of(Command command) {
    var scope =
        scope(
            command.getTenantId(),
            command.getTargetType(),
            command.getTarget(),
            command.getAgentId(),
            command.getPolicyId(),
            command.getEvidence());
    belongsTo(scope, command.getTeam(), command.getProject());
    var summary = new LinkedHashMap<String, String>();
    summary.put("action", command.getAction().name());
    summary.put("tenant", command.getTenantId());
    summary.put("target_type", command.getTargetType().name());
    summary.put("target", command.getTarget());
    summary.put("epoch", Long.toString(command.getEpoch()));
    summary.put("policy", command.getPolicyId());
    summary.put("spend", plain(command.getSpend()));
    summary.put("currency", command.getCurrency());
    summary.put("reason", command.getReason());
    return new Event(
        "command:" + command.getCommandId(),
        Kind.COMMAND,
        command.getEpisodeId(),
        severity(command.getAction()),
        null,
        "%s %s %s (%s)"
            .formatted(
                command.getAction(),
                lower(command.getTargetType()),
                command.getTarget(),
                command.getPolicyId()),
        command.getReason(),
        scope,
        command.getEvidence().getRule(),
        command,
        command.getIssuedAt(),
        AvroJson.toJson(command),
        summary);
  }

  /** True when the credentials of its target are to be revoked. */
  boolean isRevocation() {
    return kind == Kind.ALERT && rule.equals(REVOKE);
  }

  /** Whether it is of a kind that a route asks for. */
  boolean isOf(Kind wanted) {
    return kind == wanted || wanted == Kind.REVOCATION && isRevocation();
  }

  /** {@code alert}, {@code command} or {@code digest}. */
  String type() {
    return kind.written();
  }

  /** The same event, known to be of a team. */
  Event of(String team) {
    var wider = new LinkedHashMap<>(scope);
    wider.put("team", team);
    return new Event(
        id, kind, episode, severity, state, title, text, wider, rule, command, issuedAt, data,
        summary);
  }

  /** The envelope, {@code {event_id, type, sent_at, data}}, in UTF-8. */
  byte[] body(Instant sentAt) {
    var envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("event_id", id);
    envelope.put("type", type());
    envelope.put("sent_at", sentAt.toString());
    envelope.set("data", data);
    return envelope.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> scope(
      String tenant,
      TargetType type,
      String target,
      String agent,
      String policy,
      Evidence evidence) {
    var scope = new LinkedHashMap<String, String>();
    // What the producer of the record knows besides, such as the team of a run.
    evidence
        .getDetails()
        .forEach(
            (name, value) -> {
              if (Match.SCOPES.contains(name)) {
                scope.put(name, value);
              }
            });
    scope.put("tenant", tenant);
    scope.put("policy", policy);
    if (agent != null) {
      scope.put("agent", agent);
    }
    if (type != TargetType.OTHER && type != TargetType.TENANT) {
      scope.put(lower(type), target);
    }
    return scope;
  }

  private static Severity severity(Alert alert) {
    if (alert.getState() != EpisodeState.CLOSED) {
      return alert.getSeverity();
    }
    var worst = alert.getEvidence().getDetails().get(WORST);
    return Arrays.stream(Severity.values())
        .filter(severity -> severity.name().equals(worst))
        .findFirst()
        .orElse(null);
  }

  /** Commands have no severity of their own; it follows from what they do. */
  private static Severity severity(Action action) {
    return switch (action) {
      case KILL, PAUSE, REQUIRE_APPROVAL -> Severity.CRITICAL;
      case THROTTLE -> Severity.WARNING;
      case ALERT, RESTORE -> Severity.INFO;
    };
  }

  private static String plain(BigDecimal money) {
    return money.stripTrailingZeros().toPlainString();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
