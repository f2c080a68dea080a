package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyBacktestCommandTest {
  @TempDir Path folder;

  private Path spans;
  private Path candidate;

  /** Two runs of 4 USD; one ended well, the other did not. */
  @BeforeEach
  void writeFiles() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      lines.append(span("good", i, "OK")).append(span("bad", i, "ERROR"));
    }
    spans = Files.writeString(folder.resolve("spans.jsonl"), lines);
    candidate = Files.createDirectories(folder.resolve("candidate"));
    cap(candidate, "3");
  }

  @Test
  void shouldAnswerWithItsOwnExitCodeWhenTheCandidateStopsARunThatEndedWell() {
    CommandRun run = backtest();

    assertThat(run.exitCode()).isEqualTo(ExitCode.WORSE);
    assertThat(run.out())
        .contains("8 spans, 0 rejected, 8 USD spent")
        .contains("2 runs: 1 ended well, 1 badly, 0 not told")
        .containsPattern("saved, USD +0 +1 +\\+1")
        .containsPattern("work lost, USD +0 +1 +\\+1")
        .containsPattern("cap +candidate +2 +0 +2 +2 +1 +1 +1")
        .containsPattern("run good +cap +KILL +2026-03-02T12:00:02Z +well +0 +1")
        .contains("WORSE: the candidate stops 1 run(s) that ended well");
  }

  @Test
  void shouldPassWhenToldThatNothingFails() {
    CommandRun run = backtest("--fail-on", "never");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("New stops: 2").doesNotContain("WORSE");
  }

  @Test
  void shouldFailOnSavingLessOnlyBeyondTheTolerance() throws IOException {
    Path baseline = Files.createDirectories(folder.resolve("baseline"));
    cap(baseline, "1"); // saves 3 USD
    String[] less = {"--baseline", baseline.toString(), "--fail-on", "saves-less"};

    CommandRun run = backtest(less);

    assertThat(run.exitCode()).isEqualTo(ExitCode.WORSE);
    assertThat(run.out()).contains("saves 1 USD where the baseline saves 3 USD");
    List<String> tolerant = new ArrayList<>(List.of(less));
    tolerant.addAll(List.of("--tolerate-saving-less", "67"));
    assertThat(backtest(tolerant.toArray(String[]::new)).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void shouldTakeOutcomesAndWriteJsonAndHtml() throws IOException {
    Path outcomes =
        Files.writeString(
            folder.resolve("outcomes.jsonl"),
            """
            {"outcome_id":"o","root_run_id":"good","type":"ticket_resolved","success":false,"occurred_at":"2026-03-02T13:00:00Z"}
            """);
    Path json = folder.resolve("reports/report.json");
    Path html = folder.resolve("reports/report.html");

    CommandRun run =
        backtest("--outcomes", outcomes.toString(), "--json", json.toString(), "--html", "" + html);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.at("/candidate/total/saved").textValue()).isEqualTo("2");
    assertThat(report.at("/runs/badly").intValue()).isEqualTo(2);
    assertThat(report.at("/differences/0/kind").textValue()).isEqualTo("NEW");
    assertThat(html).content().startsWith("<!doctype html>");
  }

  @Test
  void shouldRefuseWrongInputWithItsPlace() throws IOException {
    Files.writeString(candidate.resolve("wrong.yaml"), "id: wrong\nrule: {type: nothing}\n");

    CommandRun run = backtest();

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("wrong.yaml:2: rule.type:");
  }

  @Test
  void shouldRefuseOptionsThatMakeNoSense() {
    assertThat(backtest("--fail-on", "never,saves-less").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(backtest("--fail-on", "anything").err()).contains("healthy-stops");
    assertThat(backtest("--tolerate-saving-less", "101").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  private static String span(String run, int second, String status) {
    return """
        {"span_id":"%s-%d","root_run_id":"%s","agent_id":"worker","kind":"LLM","provider":"anthropic",\
        "response_model":"claude-opus-4-5","end_time":"2026-03-02T12:00:0%dZ","status":"%s","usage":{"output_tokens":40000}}
        """
        .formatted(run, second, run, second, status);
  }

  private static void cap(Path folder, String limit) throws IOException {
    Files.writeString(
        folder.resolve("cap.yaml"),
        """
        id: cap
        rule: {type: budget, per: run, limit: "%s"}
        ladder: [{at: 100%%, action: kill}]
        """
            .formatted(limit));
  }

  private CommandRun backtest(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "policy", "backtest", "--candidate", candidate.toString(), "--spans", "" + spans));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }
}
