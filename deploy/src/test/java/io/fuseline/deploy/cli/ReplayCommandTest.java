package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  private static final String SPAN =
      """
      {"span_id":"a","root_run_id":"run","agent_id":"worker","kind":"LLM","provider":"anthropic",\
      "response_model":"claude-opus-4-5","end_time":"2026-03-02T12:00:00Z","usage":{"output_tokens":1000}}
      """;

  @TempDir Path folder;

  private Path spans;
  private Path out;

  @BeforeEach
  void writeSpans() throws IOException {
    spans = Files.writeString(folder.resolve("spans.jsonl"), SPAN);
    out = folder.resolve("out");
  }

  @Test
  void shouldPriceAndJudgeWithTheShippedListsUnlessToldOtherwise() throws IOException {
    CommandRun run = replay();

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("1 spans, 0 duplicates, 0 rejected").contains("cost 0.025 USD");
    assertThat(run.err()).contains("replay: 1 spans in ");
    assertThat(out.resolve("summary.json")).content().contains("\"total_cost\" : \"0.025\"");
  }

  @Test
  void shouldRefuseRejectedLinesOnlyWhenStrict() throws IOException {
    Files.writeString(spans, SPAN + "no JSON\n");

    assertThat(replay().exitCode()).isEqualTo(ExitCode.OK);
    CommandRun strict = replay("--strict", "--force");

    assertThat(strict.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(strict.err()).contains("1 line(s) rejected").contains("dead-letters.jsonl");
    assertThat(out.resolve("summary.json")).exists();
  }

  @Test
  void shouldWriteIntoAFolderThatIsNotEmptyOnlyWhenForced() throws IOException {
    Files.createDirectories(out);
    Path stranger = Files.writeString(out.resolve("notes.txt"), "mine");

    CommandRun run = replay();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("is not empty").contains("--force");
    assertThat(out)
        .isDirectoryContaining(stranger::equals)
        .isDirectoryNotContaining("glob:**.json");
    assertThat(replay("--force").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(stranger).content().isEqualTo("mine");
    assertThat(out).isDirectoryContaining("glob:**summary.json");
  }

  @Test
  void shouldRefuseAPriceFileWithFileLineAndField() throws IOException {
    Path prices =
        Files.writeString(
            folder.resolve("prices.yaml"),
            """
            currency: USD
            prices:
              - provider: anthropic
                model: claude-opus-4-5
                source: list
                prices: {output_tokens: "many"}
            """);

    CommandRun run = replay("--prices", prices.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).containsPattern("prices\\.yaml:\\d+: \\S*output_tokens");
    assertThat(out).doesNotExist();
  }

  @Test
  void shouldRefuseAPolicyFileWithFileLineAndField() throws IOException {
    Path policies =
        Files.writeString(
            folder.resolve("policies.yaml"),
            """
            id: cap
            rule: {type: budget, per: run, limit: "ten"}
            ladder:
              - {at: 100%, action: kill}
            """);

    CommandRun run = replay("--policies", policies.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("policies.yaml:2: rule.limit:");
    assertThat(out).doesNotExist();
  }

  @Test
  void shouldRefuseABudgetInAnotherCurrencyThanThePrices() throws IOException {
    Path prices =
        Files.writeString(
            folder.resolve("prices.yaml"),
            """
            currency: EUR
            prices:
              - provider: anthropic
                model: claude-opus-4-5
                source: list
                source_date: 2026-01-01
                valid_from: 2025-01-01
                prices: {output_tokens: "0.00002"}
            """);

    CommandRun run = replay("--prices", prices.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err())
        .contains("default-policies.yaml: policy ")
        .contains("rule.currency: expected EUR as in the prices, found USD");
  }

  @Test
  void shouldTakeAFolderOfPoliciesAndALiteLlmList() throws IOException {
    Path policies = Files.createDirectories(folder.resolve("policies"));
    Files.writeString(
        policies.resolve("cap.yaml"),
        """
        id: cap
        rule: {type: budget, per: run, limit: "1"}
        ladder:
          - {at: 100%, action: kill}
        """);
    Path prices =
        Files.writeString(
            folder.resolve("prices.json"),
            """
            {"claude-opus-4-5": {"litellm_provider": "anthropic", "output_cost_per_token": 0.001}}
            """);

    CommandRun run = replay("--policies", policies.toString(), "--prices", prices.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("cost 1 USD").containsPattern("KILL\\s+1");
  }

  @Test
  void shouldRefuseFilesThatAreNotThere() {
    assertThat(replay("--prices", "no-prices.yaml").err()).contains("no-prices.yaml");
    assertThat(replay("--policies", "no-policies").err()).contains("no-policies");
    CommandRun run = CommandRun.of("replay", "--spans", "no-spans.jsonl", "--out", out.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("no-spans.jsonl");
    assertThat(out).doesNotExist();
  }

  private CommandRun replay(String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("replay", "--spans", spans.toString(), "--out", out.toString()));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }
}
