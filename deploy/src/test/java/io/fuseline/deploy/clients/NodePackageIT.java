package io.fuseline.deploy.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.topics.TopicSpec;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package for agents in Node, as its users install it, against the pipeline itself. */
class NodePackageIT {
  private static final String POLICIES =
      """
      id: loop
      rule: {type: exact-cycle}
      ladder: [{at: 3, action: kill}]
      ---
      id: run-cap
      rule: {type: budget, per: run, limit: "1.00"}
      ladder: [{at: 100%, action: kill}]
      """;

  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

  @TempDir private static Path folder;
  private static NodeProject project;
  private static Deployment deployment;

  /**
   * Not before all: a class that is skipped as a whole is reported without its tests and the
   * reason.
   */
  @BeforeEach
  void start() throws Exception {
    if (project == null) {
      project = NodeProject.around(source(), "node-agent");
    }
    if (deployment == null) {
      deployment = Deployment.create(SharedStack.get(), "node-package", folder, POLICIES);
      deployment.startPipeline();
      await().atMost(ENDS_WITHIN).until(NodePackageIT::isReady);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (deployment != null) {
      deployment.close();
    }
  }

  @Test
  void shouldPassItsOwnTests() throws Exception {
    NodeProject.Result tests = NodeProject.test(source());

    assertThat(tests.exitCode()).as(tests.all()).isZero();
  }

  @Test
  void shouldStopAndAnswerWhenAnAgentWithHttpAloneIsKilled() throws Exception {
    JsonNode ended = run("loop", "--run-id", "node-loop");

    Command kill = only(deployment.topics().agentCommands(), Command.class, "node-loop");
    assertThat(kill.getAction()).isEqualTo(Action.KILL);
    assertThat(ended.path("command_id").asText()).isEqualTo(kill.getCommandId());
    assertThat(ended.path("reason").asText()).isEqualTo(kill.getReason());
    assertThat(all(deployment.topics().agentSpans(), AgentSpan.class, "node-loop"))
        .hasSize(ended.path("steps").asInt())
        .hasSizeGreaterThanOrEqualTo(3);
    CommandAck ack = only(deployment.topics().commandAcks(), CommandAck.class, "node-loop");
    assertThat(ack.getCommandId()).isEqualTo(kill.getCommandId());
    assertThat(ack.getResult()).isEqualTo(AckResult.STOPPED);
    assertThat(ack.getEpoch()).isEqualTo(kill.getEpoch());
    assertThat(ack.getRuntime()).isEqualTo("node-pod");
    assertThat(ack.getRootRunIds()).containsExactly("node-loop");
    // The pipeline has taken it: nothing waits any more.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(get("/v1/commands/open").path("commands"))
                    .as("commands that wait for an answer")
                    .isEmpty());
  }

  @Test
  void shouldSpendWithinItsLeasesWhenWorkersCallBesideEachOther() throws Exception {
    JsonNode ended = run("spend", "--run-id", "node-spend");

    // A sixth call would reach the cap of 1.00: 6 times 0.18 is 1.08.
    assertThat(ended.path("calls").asInt()).isEqualTo(5);
    assertThat(ended.path("why").asText()).isEqualTo("BUDGET");
    assertThat(ended.path("scopeType").asText()).isEqualTo("RUN");
    assertThat(ended.path("scope").asText()).isEqualTo("node-spend");
    assertThat(ended.path("policyId").asText()).isEqualTo("run-cap");
    assertThat(ended.path("limit").asText()).isEqualTo("1");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(get("/v1/runs/node-spend").path("cost").asText()).isEqualTo("0.9"));
    assertThat(all(deployment.topics().agentCommands(), Command.class, "node-spend")).isEmpty();
  }

  private static JsonNode run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("agent.mjs"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--url", "http://127.0.0.1:" + deployment.httpPort()));
    NodeProject.Result result = project.node(ENDS_WITHIN, command);
    assertThat(result.exitCode()).as(result.all()).isZero();
    return new ObjectMapper().readTree(result.out());
  }

  private static <T extends SpecificRecord> T only(TopicSpec topic, Class<T> type, String target) {
    List<T> all = all(topic, type, target);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private static <T extends SpecificRecord> List<T> all(
      TopicSpec topic, Class<T> type, String target) {
    return deployment.readAll(topic, type, "read_uncommitted").stream()
        .filter(record -> record.key().equals(target))
        .map(ConsumerRecord::value)
        .toList();
  }

  private static boolean isReady() {
    try {
      return get("/health/ready").path("ok").asBoolean();
    } catch (Exception notYet) {
      return false;
    }
  }

  private static JsonNode get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + deployment.httpPort() + path))
            .build();
    return new ObjectMapper()
        .readTree(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }

  private static Path source() {
    Path deploy = Path.of(System.getProperty("fuseline.home")).getParent().getParent();
    return deploy.resolveSibling("alerting-sink/clients/node");
  }
}
