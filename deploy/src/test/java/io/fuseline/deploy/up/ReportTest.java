package io.fuseline.deploy.up;

import static io.fuseline.deploy.up.Records.ack;
import static io.fuseline.deploy.up.Records.at;
import static io.fuseline.deploy.up.Records.command;
import static io.fuseline.deploy.up.Records.span;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.TargetType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  private final Scoreboard board = new Scoreboard();

  @Test
  void shouldSayWhoSpentWhatAndWhatWasStopped() {
    assertThat(String.join("\n", ReportText.lines(report("5.3"))))
        .contains("a              2           1        5.3000")
        .contains("KILL run run-1")
        .contains("policy run-cap abc, rung 5 USD: It spent [2J too much.")
        .contains("proven by s1, s2, s3 and 1 more")
        .contains("span to command 12 ms; breach to answer 90 ms (STOPPED)")
        .contains("spent between breach and stop: 0.2000 USD in 1 spans")
        .contains("agree to the last digit")
        .doesNotContain("\u001b");
  }

  @Test
  void shouldSayWhenTopicAndStateStoresDiffer() {
    assertThat(String.join("\n", ReportText.lines(report("5.31"))))
        .contains(
            "The state stores have 2 spans, 5.31 USD; the topic priced-spans 2 spans, 5.3 USD");
  }

  @Test
  void shouldWriteTheSameAsData() throws IOException {
    Path file = folder.resolve("new/report.json");

    ReportJson.write(report("5.3"), file);

    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.path("cost").asText()).isEqualTo("5.3");
    assertThat(json.path("spent_after_breach").asText()).isEqualTo("0.2");
    assertThat(json.path("ledger").path("agrees").asBoolean()).isTrue();
    JsonNode command = json.path("commands").get(0);
    assertThat(command.path("command_id").asText()).isEqualTo("c1");
    assertThat(command.path("breach_to_ack_ms").asLong()).isEqualTo(90);
    assertThat(command.path("spent_after_breach").asText()).isEqualTo("0.2");
    assertThat(command.path("acks").get(0).path("result").asText()).isEqualTo("STOPPED");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shouldFitTheScreen() {
    var moment =
        new LiveText.Moment("http://127.0.0.1:8420", Duration.ofSeconds(75), agents("5.3"), view());
    for (int columns : new int[] {40, 80, 200}) {
      List<String> lines = LiveText.screen(moment, columns, 24);
      assertThat(lines).hasSizeLessThan(24);
      assertThat(lines)
          .allSatisfy(line -> assertThat(line.length()).isLessThan(Math.max(41, columns)));
      assertThat(String.join("\n", lines)).doesNotContain("\u001b").contains("KILL");
    }
    assertThat(LiveText.line(moment)).startsWith("1:15  ").contains("1 commands");
  }

  private Report report(String ledgerCost) {
    return new Report(
        at(-9_000),
        Duration.ofSeconds(9),
        Duration.ofSeconds(60),
        "http://127.0.0.1:8420",
        List.of(),
        agents(ledgerCost),
        view(),
        Optional.empty());
  }

  private Scoreboard.View view() {
    if (board.view(at(0)).spans() == 0) {
      board.onSpan(span("run-1", "a", at(1_000), "5.1"), at(1_100));
      board.onCommand(command("c1", Action.KILL, TargetType.RUN, "run-1", at(1_000)), at(1_012));
      board.onSpan(span("run-1", "a", at(1_080), "0.2"), at(1_500));
      board.onAck(ack("c1", at(1_090)));
    }
    return board.view(at(2_000));
  }

  private static List<CostApi.AgentCost> agents(String cost) {
    return List.of(new CostApi.AgentCost("acme", "a", 2, 1, new BigDecimal(cost), BigDecimal.ZERO));
  }
}
