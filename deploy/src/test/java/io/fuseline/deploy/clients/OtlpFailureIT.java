package io.fuseline.deploy.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.SpanKind;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What OpenTelemetry's own exporter does when the way in fails, and what is booked then: everything
 * that was sent, once.
 */
class OtlpFailureIT {
  private static final String POLICIES =
      """
      id: run-cap
      rule: {type: budget, per: run, limit: "100"}
      ladder: [{at: 100%, action: kill}]
      """;
  private static final String TEAM = "patient";
  private static final Duration WITHIN = Duration.ofMinutes(2);

  private static NodeProject project;

  @TempDir private Path folder;

  @BeforeEach
  void install() throws Exception {
    if (project == null) {
      project = NodeProject.install("node-frameworks");
    }
  }

  @Test
  void shouldCountOnceWhenTheAnswerIsLostAndTheExporterSendsAgain() throws Exception {
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "lostanswer", folder, POLICIES)) {
      deployment.startPipeline();
      awaitReady(deployment);
      try (OtlpTap tap = OtlpTap.losingTheFirstAnswer(pipeline(deployment))) {
        NodeProject.Result program = start(tap.endpoint(), "INFO").await(WITHIN);

        assertThat(program.exitCode()).as(program.all()).isZero();
        assertThat(tap.requests()).hasSize(2);
        assertThat(tap.requests().get(1).batch()).isEqualTo(tap.requests().get(0).batch());
      }
      awaitAllBookedOnce(deployment);
      assertThat(Spent.agentSpans(deployment, TEAM)).as("all spans came in twice").hasSize(6);
    }
  }

  @Test
  void shouldKeepWhatWasAcknowledgedWhenThePipelineIsKilledThen() throws Exception {
    try (Deployment deployment =
        Deployment.create(SharedStack.get(), "killedafter", folder, POLICIES)) {
      Process pipeline = deployment.startPipeline();
      awaitReady(deployment);
      NodeProject.Result program = start(pipeline(deployment).toString(), "INFO").await(WITHIN);
      Deployment.kill(pipeline);

      assertThat(program.exitCode()).as(program.all()).isZero();
      deployment.startPipeline();
      awaitAllBookedOnce(deployment);
    }
  }

  @Test
  void shouldWaitAsToldAndLoseNothingWhenTheBrokerIsAwayForAWhile() throws Exception {
    try (LocalStack stack = LocalStack.start(folder.resolve("stack"), step -> {});
        Deployment deployment = Deployment.create(stack, "brokeraway", folder, POLICIES)) {
      deployment.startPipeline();
      awaitReady(deployment);
      stack.broker().kill();
      NodeProject.Running program = start(pipeline(deployment).toString(), "VERBOSE");
      // The 5 s of Retry-After; the exporter's own delay would be about one.
      await()
          .atMost(WITHIN)
          .until(() -> program.all().contains("Scheduling export retry in 5000ms"));
      stack.broker().restart();

      NodeProject.Result ended = program.await(WITHIN);

      assertThat(ended.exitCode()).as(ended.all()).isZero();
      assertThat(ended.all()).contains("Export succeeded after");
      awaitAllBookedOnce(deployment);
    }
  }

  /** As in own-agent.cjs: the agent, one call of a model, one of a tool. */
  private static void awaitAllBookedOnce(Deployment deployment) {
    await()
        .atMost(WITHIN)
        .untilAsserted(
            () ->
                assertThat(Spent.byTeam(deployment, TEAM))
                    .extracting(Spent::kind)
                    .containsExactlyInAnyOrder(SpanKind.AGENT, SpanKind.LLM, SpanKind.TOOL));
    assertThat(Spent.byTeam(deployment, TEAM))
        .filteredOn(spent -> spent.kind() == SpanKind.LLM)
        .allSatisfy(spent -> assertThat(spent.cost()).isEqualByComparingTo("0.07983375"));
  }

  private static NodeProject.Running start(String endpoint, String logLevel) throws IOException {
    return project.start(
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            endpoint,
            // The default of 10 s is over before a broker is up again.
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "100000",
            "OTEL_BSP_EXPORT_TIMEOUT",
            "100000",
            "OTEL_RESOURCE_ATTRIBUTES",
            "fuseline.team=" + TEAM,
            "OTEL_LOG_LEVEL",
            logLevel),
        List.of("own-agent.cjs"));
  }

  private static URI pipeline(Deployment deployment) {
    return URI.create("http://127.0.0.1:" + deployment.httpPort());
  }

  private static void awaitReady(Deployment deployment) {
    await()
        .atMost(WITHIN)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              URI ready = pipeline(deployment).resolve("/health/ready");
              return ((HttpURLConnection) ready.toURL().openConnection()).getResponseCode() == 200;
            });
  }
}
