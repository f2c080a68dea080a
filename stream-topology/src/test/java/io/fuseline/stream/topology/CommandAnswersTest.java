package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.OpenCommand;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandAnswersTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Duration PAST_THE_DEADLINE = Duration.ofSeconds(12);

  @TempDir private Path stateDir;
  private DrivenTopology topology;

  @BeforeEach
  void start() {
    topology = new DrivenTopology(TopologySettings.defaults(), stateDir, NOON);
  }

  @AfterEach
  void stop() {
    topology.close();
  }

  @Test
  void shouldPageOnceWhenNobodyAnswersAKill() {
    Command kill = kill("run-1", 1);
    topology.issue(kill);
    topology.advance(Duration.ofSeconds(9));
    assertThat(alerts()).isEmpty();

    topology.advance(Duration.ofSeconds(3));
    List<Alert> first = alerts();
    assertThat(first).hasSize(1);
    Alert revoke = first.get(0);
    assertThat(revoke.getEvidence().getRule()).isEqualTo("revoke-credentials");
    assertThat(revoke.getSeverity()).isEqualTo(Severity.CRITICAL);
    assertThat(revoke.getTeam()).isEqualTo("blue");
    assertThat(revoke.getEvidence().getSummary())
        .contains("no answer from run-1. Its credentials are to be revoked now");
    assertThat(count("fuseline.escalations", "action", "kill")).isZero();

    topology.advance(Duration.ofSeconds(12));
    topology.advance(Duration.ofHours(2));

    List<Alert> alerts = alerts();
    assertThat(alerts).hasSize(1);
    Alert page = alerts.get(0);
    assertThat(page.getAlertId()).isNotEqualTo(revoke.getAlertId());
    assertThat(page.getSeverity()).isEqualTo(Severity.PAGE);
    assertThat(page.getCommandId()).isEqualTo(kill.getCommandId());
    assertThat(page.getEpisodeId()).isEqualTo(kill.getEpisodeId());
    assertThat(page.getEvidence().getMeasured()).isEqualTo("0");
    assertThat(page.getEvidence().getDetails())
        .containsEntry("not_answered", "run-1")
        .containsEntry("spend_at_command", "1.25");
    assertThat(page.getEvidence().getSummary())
        .contains("KILL of run run-1 was not obeyed within 10 s: no answer from run-1.");
    assertThat(count("fuseline.escalations", "action", "kill")).isEqualTo(1);
  }

  @Test
  void shouldPageNobodyWhenItIsObeyedOnceCredentialsWereRevoked() {
    topology.issue(kill("run-1", 1));
    topology.advance(PAST_THE_DEADLINE);
    topology.issue(kill("run-1", 1)); // an aborted copy, read again
    topology.send(
        CommandAck.newBuilder(ack("run-1", 1, AckResult.STOPPED))
            .setAckedAt(NOON.plusSeconds(14))
            .build());
    topology.advance(Duration.ofHours(1));

    assertThat(alerts())
        .extracting(alert -> alert.getSeverity() + " " + alert.getEvidence().getRule())
        .containsExactly("CRITICAL revoke-credentials", "INFO unanswered-command");
  }

  @Test
  void shouldStaySilentWhenItIsAnsweredInTime() {
    topology.issue(kill("run-1", 1));
    topology.send(ack("run-1", 1, AckResult.STOPPED));
    topology.advance(PAST_THE_DEADLINE);

    assertThat(alerts()).isEmpty();
    assertThat(open()).isZero();
    assertThat(count("fuseline.acknowledgements", "result", "stopped")).isEqualTo(1);
    assertThat(topology.meters.get("fuseline.command.to.ack").timer().count()).isEqualTo(1);
  }

  @Test
  void shouldStaySilentWhenTheAnswerIsReadBeforeItsCommand() {
    topology.send(ack("run-1", 1, AckResult.STOPPED));
    topology.issue(kill("run-1", 1));
    topology.advance(PAST_THE_DEADLINE);

    assertThat(alerts()).isEmpty();
    assertThat(open()).isZero();
    assertThat(topology.meters.get("fuseline.command.to.ack").timer().count()).isEqualTo(1);
  }

  @Test
  void shouldTakeTheAnswerToAnAbortedCopyForAnAnswer() {
    topology.send(ack("run-1", 1, AckResult.STOPPED));
    topology.issue(Command.newBuilder(kill("run-1", 1)).setEpoch(epoch(9)).build());
    topology.advance(PAST_THE_DEADLINE);

    assertThat(alerts()).isEmpty();
  }

  @Test
  void shouldTellApartWhyItWasNotObeyed() {
    topology.issue(kill("refused", 1));
    topology.send(ack("refused", 1, AckResult.REFUSED));
    topology.issue(kill("partly", 2));
    topology.send(ack("partly", 2, AckResult.PARTIAL));
    topology.issue(kill("unknown", 3));
    topology.send(ack("unknown", 3, AckResult.UNKNOWN_TARGET));
    letBothDeadlinesPass();

    List<Alert> alerts = unanswered();
    assertThat(alerts).hasSize(3);
    assertThat(of("refused", alerts).getSeverity()).isEqualTo(Severity.PAGE);
    assertThat(of("refused", alerts).getEvidence().getSummary())
        .contains("it was refused (pod-1 REFUSED: busy)");
    assertThat(of("partly", alerts).getSeverity()).isEqualTo(Severity.PAGE);
    assertThat(of("partly", alerts).getEvidence().getSummary())
        .contains("only a part was done (pod-1 PARTIAL: busy)");
    assertThat(of("unknown", alerts).getSeverity()).isEqualTo(Severity.CRITICAL);
    assertThat(of("unknown", alerts).getEvidence().getSummary()).contains("do not know it");
  }

  @Test
  void shouldSayThatItWasObeyedAfterAllWhenTheAnswerComesLate() {
    topology.issue(kill("run-1", 1));
    letBothDeadlinesPass();
    topology.send(
        CommandAck.newBuilder(ack("run-1", 1, AckResult.STOPPED))
            .setAckedAt(NOON.plusSeconds(25))
            .build());

    assertThat(unanswered())
        .extracting(Alert::getSeverity)
        .containsExactly(Severity.PAGE, Severity.INFO);
    assertThat(open()).isZero();
  }

  @Test
  void shouldIgnoreAndCountAnAnswerWhenItsCommandIsOver() {
    topology.issue(kill("run-1", 1));
    topology.issue(restore("run-1", 1, 2));
    topology.send(ack("run-1", 1, AckResult.REFUSED));
    topology.send(ack("run-1", 2, AckResult.APPLIED));
    topology.advance(PAST_THE_DEADLINE);

    assertThat(alerts()).isEmpty();
    assertThat(open()).isZero();
    assertThat(count("fuseline.acknowledgements", "result", "stale")).isEqualTo(1);
    assertThat(count("fuseline.acknowledgements", "result", "refused")).isZero();
  }

  @Test
  void shouldNameTheRunsThatHaveNotAnsweredWhenAnAgentIsKilled() {
    topology.issue(
        Command.newBuilder(kill("agent-1", 1))
            .setTargetType(TargetType.AGENT)
            .setRootRunIds(List.of("run-1", "run-2", "run-3"))
            .build());
    topology.send(agentAck(List.of("run-1"), AckResult.STOPPED));
    topology.send(agentAck(List.of("run-2"), AckResult.PARTIAL));
    letBothDeadlinesPass();

    Alert page = unanswered().get(0);
    assertThat(page.getSeverity()).isEqualTo(Severity.PAGE);
    assertThat(page.getEvidence().getMeasured()).isEqualTo("1");
    assertThat(page.getEvidence().getThreshold()).isEqualTo("3");
    assertThat(page.getEvidence().getDetails()).containsEntry("not_answered", "run-2, run-3");

    topology.send(agentAck(List.of(), AckResult.STOPPED));
    assertThat(open()).as("run-2 has stopped only in part").isEqualTo(1);
    topology.send(agentAck(List.of("run-2"), AckResult.STOPPED));
    assertThat(open()).isZero();
  }

  @Test
  void shouldPageNobodyForCommandsOfLongAgo() {
    topology.advance(Duration.ofDays(3));
    topology.issue(kill("run-1", 1));
    topology.advance(PAST_THE_DEADLINE);

    assertThat(alerts()).isEmpty();
    assertThat(open()).isZero();
  }

  @Test
  void shouldForgetWhatNobodyEverAnswered() {
    topology.issue(kill("run-1", 1));
    topology.send(ack("never-issued", 7, AckResult.STOPPED));
    topology.advance(PAST_THE_DEADLINE);
    assertThat(open()).isEqualTo(2);

    topology.advance(Duration.ofHours(25));
    assertThat(open()).isZero();
  }

  /** That of the command, and the one after credentials were to be revoked. */
  private void letBothDeadlinesPass() {
    topology.advance(PAST_THE_DEADLINE);
    topology.advance(PAST_THE_DEADLINE);
  }

  private List<Alert> unanswered() {
    return alerts().stream()
        .filter(alert -> alert.getEvidence().getRule().equals("unanswered-command"))
        .toList();
  }

  private List<Alert> alerts() {
    return topology.alerts.readValuesToList();
  }

  private static Alert of(String target, List<Alert> alerts) {
    return alerts.stream()
        .filter(alert -> alert.getTarget().equals(target))
        .findFirst()
        .orElseThrow();
  }

  private int open() {
    int open = 0;
    try (KeyValueIterator<String, OpenCommand> all = topology.openCommands().all()) {
      while (all.hasNext()) {
        all.next();
        open++;
      }
    }
    return open;
  }

  private double count(String meter, String tag, String value) {
    return topology.meters.get(meter).tag(tag, value).counter().count();
  }

  private static long epoch(int number) {
    return NOON.toEpochMilli() * 1000 + number;
  }

  private static Command kill(String target, int number) {
    return Command.newBuilder()
        .setCommandId("cmd-" + number)
        .setAction(Action.KILL)
        .setTenantId("acme")
        .setTargetType(TargetType.RUN)
        .setTarget(target)
        .setEpoch(epoch(number))
        .setRootRunIds(List.of(target))
        .setTeam("blue")
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
        .setEventTime(NOON)
        .setIssuedAt(NOON)
        .setDeadline(NOON.plusSeconds(10))
        .build();
  }

  private static Command restore(String target, int reversed, int number) {
    return Command.newBuilder(kill(target, number))
        .setAction(Action.RESTORE)
        .setReverses("cmd-" + reversed)
        .build();
  }

  private static CommandAck ack(String target, int number, AckResult result) {
    return CommandAck.newBuilder()
        .setCommandId("cmd-" + number)
        .setResult(result)
        .setTenantId("acme")
        .setTargetType(TargetType.RUN)
        .setTarget(target)
        .setEpoch(epoch(number))
        .setRuntime("pod-1")
        .setRootRunIds(List.of(target))
        .setMessage(result == AckResult.STOPPED ? null : "busy")
        .setAckedAt(NOON.plusMillis(200))
        .build();
  }

  private static CommandAck agentAck(List<String> runs, AckResult result) {
    return CommandAck.newBuilder(ack("agent-1", 1, result))
        .setTargetType(TargetType.AGENT)
        .setRootRunIds(runs)
        .build();
  }
}
