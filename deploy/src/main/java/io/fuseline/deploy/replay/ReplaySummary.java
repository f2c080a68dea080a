package io.fuseline.deploy.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Severity;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a replay came to. Money is exact and in {@code currency}.
 *
 * @param spans spans booked, each once however often it was written
 * @param duplicates writings that changed nothing, because the span had ended before
 * @param rejected lines that went to the dead letters
 * @param unpriced booked spans with at least one unit without a price
 * @param totalCost by the tenants' contracts
 * @param totalListCost the same at list prices
 * @param unpricedBound conservative bound of what had no price; not part of {@code totalCost}
 * @param costByModel model as the spans name it; all tenants together
 * @param costByAgent agent id; all tenants together
 * @param commandsByAction every action, also those of which there were none
 * @param alertsBySeverity every severity, also those of which there were none
 * @param firstEvent event time of the first span, UTC; null when there was none
 * @param lastEvent event time of the last span, UTC; null when there was none
 */
public record ReplaySummary(
    long spans,
    long duplicates,
    long rejected,
    long unpriced,
    BigDecimal totalCost,
    BigDecimal totalListCost,
    BigDecimal unpricedBound,
    String currency,
    SortedMap<String, BigDecimal> costByModel,
    SortedMap<String, BigDecimal> costByAgent,
    Map<Action, Long> commandsByAction,
    Map<Severity, Long> alertsBySeverity,
    Instant firstEvent,
    Instant lastEvent) {

  /** The form of {@code summary.json}; money as exact decimal strings. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("spans", spans)
        .put("duplicates", duplicates)
        .put("rejected", rejected)
        .put("unpriced", unpriced)
        .put("total_cost", plain(totalCost))
        .put("total_list_cost", plain(totalListCost))
        .put("unpriced_bound", plain(unpricedBound))
        .put("currency", currency);
    ObjectNode models = json.putObject("cost_by_model");
    costByModel.forEach((model, cost) -> models.put(model, plain(cost)));
    ObjectNode agents = json.putObject("cost_by_agent");
    costByAgent.forEach((agent, cost) -> agents.put(agent, plain(cost)));
    ObjectNode commands = json.putObject("commands_by_action");
    commandsByAction.forEach((action, count) -> commands.put(action.name(), count));
    ObjectNode alerts = json.putObject("alerts_by_severity");
    alertsBySeverity.forEach((severity, count) -> alerts.put(severity.name(), count));
    return json.put("first_event", firstEvent == null ? null : firstEvent.toString())
        .put("last_event", lastEvent == null ? null : lastEvent.toString());
  }

  /** Every digit, no exponent, no zeros at the end: {@code 12.5}, {@code 0}. */
  static String plain(BigDecimal money) {
    return money.signum() == 0 ? "0" : money.stripTrailingZeros().toPlainString();
  }
}
