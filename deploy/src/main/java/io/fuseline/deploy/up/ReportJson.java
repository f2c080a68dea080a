package io.fuseline.deploy.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** The report as data; the fields are documented in {@code docs/up.md}. */
final class ReportJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportJson() {}

  /**
   * Writes the report. The file is there as a whole or not at all.
   *
   * @throws IOException when it cannot be written
   */
  static void write(Report report, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path draft = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
    try {
      Files.write(draft, JSON.writeValueAsBytes(json(report)));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  static ObjectNode json(Report report) {
    ObjectNode json = JSON.createObjectNode();
    json.put("started_at", report.startedAt().toString());
    json.put("seconds_to_live", report.toLive().toMillis() / 1000.0);
    json.put("live_seconds", report.live().toMillis() / 1000.0);
    json.put("page", report.page());
    json.put("failure", report.failure().orElse(null));
    json.put("currency", Report.CURRENCY);
    json.put("spans", report.seen().spans());
    json.put("spans_per_second", Math.round(report.spansPerSecond() * 10) / 10.0);
    json.put("unpriced_spans", report.seen().unpriced());
    json.put("cost", money(report.seen().cost()));
    json.put("spent_after_breach", money(report.seen().spentAfterBreach()));
    json.putObject("ledger")
        .put("spans", report.ledgerSpans())
        .put("cost", money(report.ledgerCost()))
        .put("spans_before", report.spansBefore())
        .put("cost_before", money(report.costBefore()))
        .put("agrees", report.agrees());
    ArrayNode agents = json.putArray("agents");
    for (CostApi.AgentCost agent : report.agents()) {
      agents
          .addObject()
          .put("tenant", agent.tenant())
          .put("agent", agent.agent())
          .put("spans", agent.spans())
          .put("tool_calls", agent.toolCalls())
          .put("cost", money(agent.cost()))
          .put("unpriced_bound", money(agent.unpricedBound()));
    }
    ArrayNode commands = json.putArray("commands");
    report.seen().commands().forEach(seen -> put(seen, commands.addObject()));
    ArrayNode alerts = json.putArray("alerts");
    report.seen().alerts().forEach(alert -> put(alert, alerts.addObject()));
    return json;
  }

  private static void put(Sighting seen, ObjectNode json) {
    Command command = seen.command();
    json.put("command_id", command.getCommandId())
        .put("action", command.getAction().name())
        .put("target_type", command.getTargetType().name())
        .put("target", command.getTarget())
        .put("agent", command.getAgentId())
        .put("policy", command.getPolicyId())
        .put("policy_version", command.getPolicyVersion());
    json.putObject("rung")
        .put("rule", command.getEvidence().getRule())
        .put("measured", command.getEvidence().getMeasured())
        .put("threshold", command.getEvidence().getThreshold())
        .put("unit", command.getEvidence().getUnit());
    json.put("summary", command.getEvidence().getSummary());
    ArrayNode spanIds = json.putArray("span_ids");
    command.getEvidence().getSpanIds().forEach(spanIds::add);
    json.put("spend_at_breach", money(command.getSpend()))
        .put("breach_at", command.getEventTime().toString())
        .put("times_read", seen.times())
        .put("span_to_command_ms", seen.spanToCommand().toMillis())
        .put("breach_to_ack_ms", seen.breachToAck().map(Duration::toMillis).orElse(null))
        .put("spans_after", seen.stops() ? seen.spansAfter() : null)
        .put(
            "breach_to_last_span_ms",
            seen.stops() ? seen.breachToLastSpan().map(Duration::toMillis).orElse(null) : null)
        .put("spent_after_breach", seen.stops() ? money(seen.spentAfter()) : null);
    ArrayNode acks = json.putArray("acks");
    for (CommandAck ack : seen.acks()) {
      ObjectNode answer =
          acks.addObject()
              .put("result", ack.getResult().name())
              .put("runtime", ack.getRuntime())
              .put("acked_at", ack.getAckedAt().toString())
              .put("message", ack.getMessage());
      ArrayNode runs = answer.putArray("root_run_ids");
      ack.getRootRunIds().forEach(runs::add);
    }
  }

  private static void put(Alert alert, ObjectNode json) {
    json.put("alert_id", alert.getAlertId())
        .put("state", alert.getState().name())
        .put("severity", alert.getSeverity().name())
        .put("action", alert.getAction().name())
        .put("target_type", alert.getTargetType().name())
        .put("target", alert.getTarget())
        .put("policy", alert.getPolicyId())
        .put("summary", alert.getEvidence().getSummary())
        .put("event_time", alert.getEventTime().toString());
  }

  private static String money(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
