package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.DefaultPrices;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import io.fuseline.schemas.TargetType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Approvals come, are denied, or do not come, while the target rests and sends nothing. */
class ApprovalsTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private Path folder;
  private DrivenTopology pipeline;

  @BeforeEach
  void start() {
    pipeline = new DrivenTopology(TopologySettings.defaults(), folder, NOON);
    DefaultPrices.load().forEach(pipeline::put);
    pipeline.apply(
        """
        id: run-cap
        rule: {type: budget, per: run, limit: "0.2"}
        ladder: [{at: 100%, action: require-approval, approval_timeout: 10m, denied: kill}]
        ---
        id: team-cap
        rule: {type: budget, per: team, window: day, limit: "0.5"}
        ladder: [{at: 100%, action: require-approval, approval_timeout: 10m}]
        """);
  }

  @AfterEach
  void stop() {
    pipeline.close();
  }

  @Test
  void shouldDenyByTheClockWhatNobodyHasApproved() {
    pipeline.send(span("run-1"));
    pipeline.send(span("run-2"));
    assertThat(read())
        .containsOnly("REQUIRE_APPROVAL run-1", "REQUIRE_APPROVAL run-2", "REQUIRE_APPROVAL blue");

    pipeline.advance(Duration.ofMinutes(9));
    assertThat(read()).isEmpty();
    pipeline.advance(Duration.ofSeconds(62));
    assertThat(read()).containsExactlyInAnyOrder("KILL run-1", "KILL run-2", "PAUSE blue");
    pipeline.advance(Duration.ofHours(1));
    assertThat(read()).isEmpty();
  }

  @Test
  void shouldLetGoWithinASecondWhenItIsApproved() {
    pipeline.send(span("run-1"));
    pipeline.send(span("run-2"));
    read();

    pipeline.decide(decision(DecisionType.APPROVE, TargetType.RUN, "run-1"));
    pipeline.decide(decision(DecisionType.APPROVE, TargetType.TEAM, "blue"));
    pipeline.advance(Duration.ofSeconds(1));

    assertThat(read()).containsExactlyInAnyOrder("RESTORE run-1", "RESTORE blue");
    pipeline.advance(Duration.ofMinutes(11));
    assertThat(read()).containsExactly("KILL run-2");
  }

  @Test
  void shouldRemindByTheClockWhileTheTargetRests() {
    pipeline.apply(
        """
        id: run-cap
        rule: {type: budget, per: run, limit: "0.2"}
        ladder: [{at: 100%, action: pause, renotify: 5m}]
        ---
        id: team-cap
        rule: {type: budget, per: team, window: day, limit: "0.2"}
        ladder: [{at: 100%, action: alert, renotify: 5m}]
        """);
    pipeline.send(span("run-1"));
    assertThat(told()).hasSize(2);

    pipeline.advance(Duration.ofMinutes(4));
    assertThat(told()).isEmpty();
    for (int reminder = 1; reminder <= 3; reminder++) {
      pipeline.advance(Duration.ofSeconds(301));
      List<Alert> told = told();
      assertThat(told).extracting(Alert::getTarget).containsExactlyInAnyOrder("run-1", "blue");
      assertThat(told)
          .allMatch(alert -> alert.getEvidence().getSummary().startsWith("Still: "))
          .extracting(alert -> alert.getEvidence().getDetails().get("reminder"))
          .containsOnly(String.valueOf(reminder));
    }

    pipeline.decide(decision(DecisionType.ACKNOWLEDGE, TargetType.RUN, "run-1"));
    pipeline.decide(decision(DecisionType.ACKNOWLEDGE, TargetType.TEAM, "blue"));
    pipeline.advance(Duration.ofSeconds(1));
    assertThat(told()).hasSize(2); // that it is known
    pipeline.advance(Duration.ofMinutes(6));
    assertThat(told()).isEmpty();
  }

  /** Without that nobody obeys a command: no runtime is there. */
  private List<Alert> told() {
    return pipeline.alerts.readValuesToList().stream()
        .filter(alert -> !alert.getEvidence().getRule().equals("unanswered-command"))
        .toList();
  }

  private List<String> read() {
    return pipeline.commands.readValuesToList().stream().map(ApprovalsTest::shown).toList();
  }

  private static String shown(Command command) {
    assertThat(command.getAction()).isNotEqualTo(Action.ALERT);
    return command.getAction() + " " + command.getTarget();
  }

  private static Decision decision(DecisionType type, TargetType target, String id) {
    return Decision.newBuilder()
        .setDecisionId(type + "-" + id)
        .setType(type)
        .setTenantId("acme")
        .setTargetType(target)
        .setTarget(id)
        .setDecidedBy("ada")
        .setReason("It is worth it.")
        .setDecidedAt(NOON.plusSeconds(1))
        .build();
  }

  /** Costs 0.30 USD. */
  private static AgentSpan span(String root) {
    return AgentSpan.newBuilder()
        .setSpanId("s1")
        .setRootRunId(root)
        .setRunId(root)
        .setAgentId("writer")
        .setTeam("blue")
        .setTenantId("acme")
        .setKind(SpanKind.LLM)
        .setStatus(SpanStatus.OK)
        .setProvider("anthropic")
        .setRequestModel("claude-sonnet-4-5")
        .setUsage(new HashMap<>(Map.of("input_tokens", 100_000L)))
        .setEndTime(NOON)
        .build();
  }
}
