package io.fuseline.deploy.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.TargetType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent runtime that shares no code with us, only topics and schemas, is stopped like any other.
 */
class NodeClientIT {
  private static final String RUN = "run-in-node";
  private static final Duration COMMAND_WITHIN = Duration.ofMinutes(2);

  private static NodeProject project;

  @TempDir private Path folder;

  /**
   * Not before all: a class that is skipped as a whole is reported without its tests and the
   * reason.
   */
  @BeforeEach
  void install() throws Exception {
    if (project == null) {
      project = NodeProject.install("node");
    }
  }

  @Test
  void shouldKeepEveryDigitWhenRecordsAreReadAndWrittenInNode() throws Exception {
    NodeProject.Result tests = project.node(Duration.ofMinutes(1), List.of("--test"));

    assertThat(tests.exitCode()).as(tests.all()).isZero();
  }

  @Test
  void shouldKillAndHearTheAnswerWhenAnAgentInNodeLoops() throws Exception {
    Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "node", folder, defaultPolicies())) {
      deployment.startPipeline();

      NodeProject.Result client = runClient(deployment);

      assertThat(client.exitCode()).as(client.all()).isZero();
      List<ConsumerRecord<String, AgentSpan>> spans =
          deployment.readAll(deployment.topics().agentSpans(), AgentSpan.class, "read_committed");
      Command kill = onlyKill(deployment);
      assertSpansArrivedWhole(spans, before);
      assertPrinted(client.out(), kill);
      assertAcknowledged(deployment, kill, before);
    }
  }

  private static NodeProject.Result runClient(Deployment deployment)
      throws IOException, InterruptedException {
    String spans = deployment.topics().agentSpans().name();
    return project.node(
        COMMAND_WITHIN.plusSeconds(30),
        List.of(
            "client.mjs",
            "--bootstrap-servers",
            deployment.clientSettings().get("bootstrap.servers").toString(),
            "--registry-url",
            deployment.clientSettings().get("schema.registry.url").toString(),
            "--topic-prefix",
            spans.substring(0, spans.length() - "agent-spans".length()),
            "--run-id",
            RUN,
            "--wait-seconds",
            String.valueOf(COMMAND_WITHIN.toSeconds())));
  }

  private static void assertSpansArrivedWhole(
      List<ConsumerRecord<String, AgentSpan>> spans, Instant before) {
    assertThat(spans).hasSize(12).allMatch(record -> record.key().equals(RUN));
    assertThat(spans).extracting(ConsumerRecord::partition).containsOnly(spans.get(0).partition());
    assertThat(spans)
        .extracting(record -> record.value().getEndTime())
        .allMatch(end -> !end.isBefore(before) && !end.isAfter(Instant.now()));
    assertThat(spans)
        .filteredOn(record -> record.value().getKind() == SpanKind.LLM)
        .hasSize(3)
        .allMatch(record -> record.value().getUsage().get("input_tokens") == 1_200)
        .allMatch(
            record -> record.value().getReportedCost().compareTo(new BigDecimal("0.00975")) == 0);
    assertThat(spans)
        .filteredOn(record -> "search".equals(record.value().getToolName()))
        .hasSize(3)
        .allMatch(record -> record.value().getArgumentHash() == hash("fuseline"))
        .allMatch(record -> record.value().getResultHash() == hash("nothing found"));
  }

  private static Command onlyKill(Deployment deployment) {
    List<Command> commands =
        deployment
            .readAll(deployment.topics().agentCommands(), Command.class, "read_uncommitted")
            .stream()
            .map(ConsumerRecord::value)
            .toList();
    assertThat(commands).hasSize(1);
    Command kill = commands.get(0);
    assertThat(kill.getAction()).isEqualTo(Action.KILL);
    assertThat(kill.getTargetType()).isEqualTo(TargetType.RUN);
    assertThat(kill.getTarget()).isEqualTo(RUN);
    return kill;
  }

  private static void assertPrinted(String out, Command kill) throws IOException {
    JsonNode printed = new ObjectMapper().readTree(out);
    assertThat(printed.path("command_id").asText()).isEqualTo(kill.getCommandId());
    assertThat(printed.path("action").asText()).isEqualTo("KILL");
    assertThat(printed.path("target").asText()).isEqualTo(RUN);
    assertThat(printed.path("epoch").asLong()).isEqualTo(kill.getEpoch());
    assertThat(printed.path("policy_id").asText()).isEqualTo("runaway-loop");
    assertThat(printed.path("evidence").path("rule").asText()).isEqualTo("exact-cycle");
    assertThat(new BigDecimal(printed.path("spend").asText()))
        .isEqualByComparingTo(kill.getSpend())
        .isPositive();
    assertThat(printed.path("issued_at").asLong())
        .isEqualTo(ChronoUnit.MICROS.between(Instant.EPOCH, kill.getIssuedAt()));
  }

  private static void assertAcknowledged(Deployment deployment, Command kill, Instant before) {
    List<ConsumerRecord<String, CommandAck>> acks =
        deployment.readAll(deployment.topics().commandAcks(), CommandAck.class, "read_committed");
    assertThat(acks).hasSize(1);
    assertThat(acks.get(0).key()).isEqualTo(RUN);
    CommandAck ack = acks.get(0).value();
    assertThat(ack.getCommandId()).isEqualTo(kill.getCommandId());
    assertThat(ack.getResult()).isEqualTo(AckResult.STOPPED);
    assertThat(ack.getTarget()).isEqualTo(RUN);
    assertThat(ack.getEpoch()).isEqualTo(kill.getEpoch());
    assertThat(ack.getRootRunIds()).containsExactly(RUN);
    assertThat(ack.getSpendAtStop()).isEqualByComparingTo(kill.getSpend());
    assertThat(ack.getAckedAt()).isBetween(before, Instant.now());
  }

  /** As the client hashes: the first eight bytes of SHA-256. */
  private static long hash(String text) {
    try {
      return ByteBuffer.wrap(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
          .getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String defaultPolicies() throws IOException {
    try (InputStream in =
        NodeClientIT.class.getResourceAsStream("/io/fuseline/policies/default-policies.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
