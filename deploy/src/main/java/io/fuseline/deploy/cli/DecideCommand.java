package io.fuseline.deploy.cli;

import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "decide",
    description = {
      "Decides about a stop: approves or denies what a policy asks for, restores who was stopped,",
      "or acknowledges an episode, so that nobody is reminded of it.",
      "Where a policy wants several approvers, each writes a decision."
    })
final class DecideCommand implements Callable<Integer> {
  /** What can be decided. To raise a cap is {@link PolicyRaiseCommand}'s. */
  enum Verdict {
    APPROVE(DecisionType.APPROVE),
    DENY(DecisionType.DENY),
    RESTORE(DecisionType.RESTORE),
    ACKNOWLEDGE(DecisionType.ACKNOWLEDGE);

    private final DecisionType type;

    Verdict(DecisionType type) {
      this.type = type;
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Parameters(
      index = "0",
      paramLabel = "VERDICT",
      description = "What is decided: ${COMPLETION-CANDIDATES}.")
  private Verdict verdict;

  @Parameters(
      index = "1",
      paramLabel = "TYPE",
      description = "What it is about: ${COMPLETION-CANDIDATES}.")
  private TargetType type;

  @Parameters(
      index = "2",
      paramLabel = "TARGET",
      description = "Its id: a root run id, agent id, team and so on, as alerts name it.")
  private String target;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason;

  @Option(
      names = "--policy",
      paramLabel = "ID",
      description = "Only what this policy has sent. Default: what every policy has sent.")
  private String policy;

  @Option(
      names = "--command",
      paramLabel = "ID",
      description =
          "Only about the episode of this command. Default: whatever was sent before now.")
  private String commandId;

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

  @Override
  public Integer call() throws Exception {
    String id = verdict.name().toLowerCase(Locale.ROOT) + "-" + UUID.randomUUID();
    Decision decision =
        Decision.newBuilder()
            .setDecisionId(id)
            .setType(verdict.type)
            .setTenantId(tenant)
            .setTargetType(type)
            .setTarget(target)
            .setPolicyId(policy)
            .setCommandId(commandId)
            .setDecidedBy(author)
            .setReason(reason)
            .setDecidedAt(Instant.now())
            .build();
    cluster.write(decision);
    PrintWriter out = spec.commandLine().getOut();
    out.println("Decision " + id + " by " + author + ".");
    out.flush();
    return ExitCode.OK;
  }
}
