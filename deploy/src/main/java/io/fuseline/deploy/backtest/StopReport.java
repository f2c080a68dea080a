package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Amount;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A target that would have been stopped.
 *
 * @param action the strongest that was sent in the episode
 * @param target root run id for RUN or the id of a run below one, agent id for AGENT, and so on
 * @param agent agent concerned; empty when there is no single one
 * @param at when the command was issued, event time
 * @param liftedAt when a RESTORE lifted it; null when none did
 * @param reason one sentence of the policy's
 * @param spend what the target had spent by then, in the policy's window
 * @param runs root runs that were cut short
 * @param saved what runs that did not end well spent after the stop, as far as no earlier stop had
 *     held it back
 * @param workLost the same of runs that ended well
 */
public record StopReport(
    String policyId,
    String detector,
    Action action,
    TargetType targetType,
    String tenant,
    String target,
    String agent,
    Instant at,
    Instant liftedAt,
    String reason,
    BigDecimal spend,
    List<CutRun> runs,
    BigDecimal saved,
    BigDecimal workLost) {

  /**
   * A root run that was cut short.
   *
   * @param cost all that it spent
   * @param costAfter of it after the stop
   */
  public record CutRun(String rootRunId, Ending ending, BigDecimal cost, BigDecimal costAfter) {}

  static StopReport of(Stop stop, PastRuns past) {
    Amount saved = new Amount();
    Amount workLost = new Amount();
    List<CutRun> runs = new ArrayList<>();
    for (Map.Entry<String, Amount> run : stop.costAfter().entrySet()) {
      Ending ending = past.ending(run.getKey());
      (ending == Ending.WELL ? workLost : saved).add(run.getValue());
      runs.add(
          new CutRun(
              run.getKey(),
              ending,
              past.cost(run.getKey()).toBigDecimal(),
              run.getValue().toBigDecimal()));
    }
    var command = stop.command();
    return new StopReport(
        command.getPolicyId(),
        stop.detector(),
        stop.action(),
        command.getTargetType(),
        command.getTenantId(),
        command.getTarget(),
        command.getAgentId() == null ? "" : command.getAgentId(),
        command.getIssuedAt(),
        stop.liftedAt(),
        command.getReason(),
        command.getSpend(),
        runs,
        saved.toBigDecimal(),
        workLost.toBigDecimal());
  }

  /** True when a run that ended well was cut short. */
  public boolean isOnARunThatEndedWell() {
    return runs.stream().anyMatch(run -> run.ending() == Ending.WELL);
  }

  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("policy_id", policyId)
            .put("detector", detector)
            .put("action", action.name())
            .put("target_type", targetType.name())
            .put("tenant_id", tenant)
            .put("target", target)
            .put("agent_id", agent)
            .put("at", at.toString())
            .put("lifted_at", liftedAt == null ? null : liftedAt.toString())
            .put("reason", reason)
            .put("spend", Money.plain(spend))
            .put("saved", Money.plain(saved))
            .put("work_lost", Money.plain(workLost));
    ArrayNode cut = json.putArray("runs");
    for (CutRun run : runs) {
      cut.addObject()
          .put("root_run_id", run.rootRunId())
          .put("ending", run.ending().word())
          .put("cost", Money.plain(run.cost()))
          .put("cost_after", Money.plain(run.costAfter()));
    }
    return json;
  }
}
