package io.fuseline.deploy.up;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PricedSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Records as tests need them. */
final class Records {
  private static final Instant START = Instant.parse("2026-10-01T12:00:00Z");

  private Records() {}

  static Instant at(long millis) {
    return START.plusMillis(millis);
  }

  static PricedSpan span(String rootRunId, String agentId, Instant ended, String cost) {
    return PricedSpan.newBuilder()
        .setSpanId("s")
        .setRootRunId(rootRunId)
        .setRunId(rootRunId)
        .setTenantId("acme")
        .setAgentId(agentId)
        .setKind(SpanKind.LLM)
        .setEventTime(ended)
        .setStatus(CostStatus.PRICED)
        .setListCost(new BigDecimal(cost))
        .setContractedCost(new BigDecimal(cost))
        .setUnpricedBound(BigDecimal.ZERO)
        .setCurrency("USD")
        .setLines(List.of())
        .build();
  }

  static Command command(
      String id, Action action, TargetType targetType, String target, Instant breachAt) {
    return Command.newBuilder()
        .setCommandId(id)
        .setAction(action)
        .setTenantId("acme")
        .setTargetType(targetType)
        .setTarget(target)
        .setEpoch(1)
        .setAgentId("a")
        .setRootRunIds(targetType == TargetType.RUN ? List.of(target) : List.of())
        .setReason("It spent too much.")
        .setEvidence(
            Evidence.newBuilder()
                .setRule("run-budget")
                .setMeasured("5.100000000000")
                .setThreshold("5.000000000000")
                .setUnit("USD")
                .setSummary("It spent\u001b[2J too much.")
                .setSpanIds(List.of("s1", "s2", "s3", "s4"))
                .build())
        .setPolicyId("run-cap")
        .setPolicyVersion("abc")
        .setEpisodeId("e1")
        .setSpend(new BigDecimal("5.1"))
        .setCurrency("USD")
        .setEventTime(breachAt)
        .setIssuedAt(breachAt)
        .setDeadline(breachAt.plusSeconds(10))
        .build();
  }

  static CommandAck ack(String commandId, Instant ackedAt) {
    return CommandAck.newBuilder()
        .setCommandId(commandId)
        .setResult(AckResult.STOPPED)
        .setTenantId("acme")
        .setTargetType(TargetType.RUN)
        .setTarget("run-1")
        .setEpoch(1)
        .setRuntime("test")
        .setAckedAt(ackedAt)
        .build();
  }
}
