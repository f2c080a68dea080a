package io.fuseline.stream.command;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Commands for tests. */
public final class CommandDraft {
  public static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  private CommandDraft() {}

  /** A KILL of tenant acme, issued {@code number} minutes after noon. */
  public static Command kill(int number, TargetType type, String target, String... rootRuns) {
    Instant issued = NOON.plusSeconds(60L * number);
    return Command.newBuilder()
        .setCommandId("cmd-" + number)
        .setAction(Action.KILL)
        .setTenantId("acme")
        .setTargetType(type)
        .setTarget(target)
        .setEpoch(number)
        .setRootRunIds(List.of(rootRuns))
        .setReason("It loops.")
        .setEvidence(
            Evidence.newBuilder()
                .setRule("exact-cycle")
                .setMeasured("3")
                .setThreshold("3")
                .setUnit("repeats")
                .setSummary("It loops.")
                .build())
        .setPolicyId("loop")
        .setPolicyVersion("1")
        .setEpisodeId("eps-1")
        .setSpend(new BigDecimal("1.250000000000"))
        .setCurrency("USD")
        .setEventTime(issued)
        .setIssuedAt(issued)
        .setDeadline(issued.plusSeconds(10))
        .build();
  }
}
