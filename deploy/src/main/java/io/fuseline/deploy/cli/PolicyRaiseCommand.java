package io.fuseline.deploy.cli;

import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "raise",
    description = {
      "Raises the cap of a budget for one target and for a while. It ends by itself.",
      "A run that the budget had paused goes on at once; the RESTORE names this decision."
    })
final class PolicyRaiseCommand implements Callable<Integer> {
  private static final int SCALE = 12;

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Parameters(
      index = "0",
      paramLabel = "TYPE",
      description = "What it is for: ${COMPLETION-CANDIDATES}.")
  private TargetType type;

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "Its id: a root run id, agent id, team and so on, as alerts name it.")
  private String target;

  @Option(
      names = "--by",
      required = true,
      paramLabel = "USD",
      description = "How much more it may spend. Every rung moves up by this.")
  private BigDecimal amount;

  @Option(
      names = "--for",
      required = true,
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "How long, such as 4h.")
  private Duration length;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason;

  @Option(
      names = "--policy",
      paramLabel = "ID",
      description = "Only the budget of this policy. Default: every budget of the target.")
  private String policy;

  @Option(
      names = "--tenant",
      paramLabel = "ID",
      description = "Tenant of the target. Default: ${DEFAULT-VALUE}.",
      defaultValue = "default")
  private String tenant;

  @Option(
      names = "--author",
      paramLabel = "NAME",
      description = "Who decides it, for the record. Default: the user this runs as.")
  private String author = System.getProperty("user.name");

  @Option(
      names = "--decision",
      paramLabel = "ID",
      description = "Take the place of this earlier decision, to end it early or to prolong it.")
  private String decisionId = "raise-" + UUID.randomUUID();

  @Override
  public Integer call() throws Exception {
    BigDecimal plain = amount.stripTrailingZeros();
    if (plain.signum() <= 0
        || plain.scale() > SCALE
        || plain.compareTo(BigDecimal.valueOf(1_000_000)) > 0) {
      throw new RefusedInputException(
          "--by: found %s, expected an amount over 0 and at most 1000000 with at most 12 fraction digits."
              .formatted(amount));
    }
    Instant now = Instant.now();
    Decision decision =
        Decision.newBuilder()
            .setDecisionId(decisionId)
            .setType(DecisionType.RAISE_CAP)
            .setTenantId(tenant)
            .setTargetType(type)
            .setTarget(target)
            .setPolicyId(policy)
            .setAmount(amount.setScale(SCALE))
            .setUntil(now.plus(length))
            .setDecidedBy(author)
            .setReason(reason)
            .setDecidedAt(now)
            .build();
    cluster.write(decision);
    PrintWriter out = spec.commandLine().getOut();
    out.println("Decision " + decisionId + ": raised until " + decision.getUntil() + ".");
    out.flush();
    return ExitCode.OK;
  }
}
