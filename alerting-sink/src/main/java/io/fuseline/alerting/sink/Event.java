package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.json.AvroJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An alert or command on its way out.
 *
 * @param id the same whenever the same event is delivered again; an alert has one per state
 * @param type {@code alert} or {@code command}
 * @param data the record as JSON
 * @param summary what a log line shows, in this order
 */
record Event(String id, String type, ObjectNode data, Map<String, String> summary) {

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
    summary.put("spend", alert.getSpend().stripTrailingZeros().toPlainString());
    summary.put("currency", alert.getCurrency());
    summary.put("summary", alert.getEvidence().getSummary());
    var id = "alert:" + alert.getAlertId() + ":" + alert.getState().name().toLowerCase(Locale.ROOT);
    return new Event(id, "alert", AvroJson.toJson(alert), summary);
  }

  static Event of(Command command) {
    var summary = new LinkedHashMap<String, String>();
    summary.put("action", command.getAction().name());
    summary.put("tenant", command.getTenantId());
    summary.put("target_type", command.getTargetType().name());
    summary.put("target", command.getTarget());
    summary.put("epoch", Long.toString(command.getEpoch()));
    summary.put("policy", command.getPolicyId());
    summary.put("spend", command.getSpend().stripTrailingZeros().toPlainString());
    summary.put("currency", command.getCurrency());
    summary.put("reason", command.getReason());
    return new Event(
        "command:" + command.getCommandId(), "command", AvroJson.toJson(command), summary);
  }

  /** The envelope, {@code {event_id, type, sent_at, data}}, in UTF-8. */
  byte[] body(Instant sentAt) {
    var envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("event_id", id);
    envelope.put("type", type);
    envelope.put("sent_at", sentAt.toString());
    envelope.set("data", data);
    return envelope.toString().getBytes(StandardCharsets.UTF_8);
  }
}
