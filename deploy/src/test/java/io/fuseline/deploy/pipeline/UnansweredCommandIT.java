package io.fuseline.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.Severity;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroSerializer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nobody obeys a KILL: people are paged at its deadline, once, also when the pipeline dies. */
class UnansweredCommandIT {
  private static final String POLICIES =
      """
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      """;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 8, unit = TimeUnit.MINUTES)
  void shouldPageOnceAtTheDeadlineWhenThePipelineIsKilledMeanwhile() throws Exception {
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "unanswered", folder, POLICIES)) {
      Process pipeline = deployment.startPipeline();
      sendLoop(deployment);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(commands(deployment)).hasSize(1));
      Command kill = commands(deployment).get(0);
      assertThat(firstEvent(deployment, "/v1/commands?run=run-1"))
          .contains("id: " + kill.getCommandId(), "event: command");
      Deployment.kill(pipeline);

      pipeline = deployment.startPipeline();
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(unanswered(deployment)).hasSize(1));
      Alert page = unanswered(deployment).get(0);
      assertThat(page.getSeverity()).isEqualTo(Severity.PAGE);
      assertThat(page.getCommandId()).isEqualTo(kill.getCommandId());
      assertThat(page.getIssuedAt()).isAfterOrEqualTo(kill.getDeadline());
      Deployment.kill(pipeline);

      // The late answer proves that the watch goes on after the restart; the page stays the only
      // one.
      deployment.startPipeline();
      answer(deployment, kill);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(unanswered(deployment))
                      .extracting(Alert::getSeverity)
                      .containsExactly(Severity.PAGE, Severity.INFO));
    }
  }

  /** The first command that a subscriber is sent, with its lines. */
  private static List<String> firstEvent(Deployment deployment, String address) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + address))
            .header("Accept", "text/event-stream")
            .build();
    try (Stream<String> lines =
        HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body()) {
      return lines
          .dropWhile(line -> !line.startsWith("id:"))
          .takeWhile(line -> !line.isEmpty())
          .toList();
    }
  }

  private static void sendLoop(Deployment deployment) {
    try (KafkaProducer<String, AgentSpan> producer = deployment.spanProducer()) {
      for (int i = 0; i < 4; i++) {
        AgentSpan span =
            AgentSpan.newBuilder()
                .setSpanId("s-" + i)
                .setRunId("run-1")
                .setRootRunId("run-1")
                .setAgentId("agent-1")
                .setKind(SpanKind.TOOL)
                .setProvider("local")
                .setToolName("search")
                .setArgumentHash(1L)
                .setResultHash(1L)
                .setEndTime(Instant.now())
                .build();
        producer.send(new ProducerRecord<>(deployment.topics().agentSpans().name(), "run-1", span));
      }
    }
  }

  private static void answer(Deployment deployment, Command kill) {
    CommandAck ack =
        CommandAck.newBuilder()
            .setCommandId(kill.getCommandId())
            .setResult(AckResult.STOPPED)
            .setTenantId(kill.getTenantId())
            .setTargetType(kill.getTargetType())
            .setTarget(kill.getTarget())
            .setEpoch(kill.getEpoch())
            .setRuntime("pod-1")
            .setRootRunIds(List.of("run-1"))
            .setAckedAt(Instant.now())
            .build();
    Map<String, Object> settings = deployment.clientSettings();
    String topic = deployment.topics().commandAcks().name();
    AvroSerializer<CommandAck> values = new AvroSerializer<>(CommandAck.class);
    values.configure(settings, false);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, null, values.serialize(topic, ack)));
    }
    values.close();
  }

  private static List<Command> commands(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().agentCommands(), Command.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .toList();
  }

  private static List<Alert> unanswered(Deployment deployment) {
    return deployment
        .readAll(deployment.topics().costAlerts(), Alert.class, "read_committed")
        .stream()
        .map(ConsumerRecord::value)
        .filter(alert -> alert.getEvidence().getRule().equals("unanswered-command"))
        .toList();
  }
}
