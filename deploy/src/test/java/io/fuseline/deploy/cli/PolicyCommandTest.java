package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.stream.policy.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy commands that need no cluster. */
class PolicyCommandTest {
  @TempDir Path folder;

  @Test
  void shouldListPresetsAndPrintOneThatIsValid() throws IOException {
    CommandRun list = CommandRun.of("policy", "presets");
    assertThat(list.exitCode()).isEqualTo(ExitCode.OK);
    Presets.all()
        .forEach(preset -> assertThat(list.out()).contains(preset.name()).contains(preset.title()));

    CommandRun one = CommandRun.of("policy", "presets", "task-tokens");
    Path file = Files.writeString(folder.resolve("task-tokens.yaml"), one.out());
    assertThat(CommandRun.of("policy", "validate", file.toString()).out())
        .startsWith("valid  task-tokens ");
  }

  @Test
  void shouldNameThePresetsThereAreWhenThereIsNoSuch() {
    CommandRun run = CommandRun.of("policy", "presets", "no-such");

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("No preset is called no-such").contains("task-tokens");
  }

  @Test
  void shouldRunTheExamplesBesideThePolicies() throws IOException {
    Files.writeString(
        folder.resolve("cap.yaml"),
        "{id: cap, rule: {type: budget, per: run, limit: 5}, ladder: [{at: 100%, action: kill}]}");
    Path examples =
        Files.writeString(
            folder.resolve("cap.test.yaml"),
            """
            cases:
              - {name: at five, spans: [{cost: "5"}], expect: [{policy: cap, action: kill}]}
              - {name: under five, spans: [{cost: "4.99"}], expect: []}
            """);

    CommandRun holds = CommandRun.of("policy", "test", folder.toString());
    assertThat(holds.exitCode()).as(holds.err()).isEqualTo(ExitCode.OK);
    assertThat(holds.out()).contains("ok      at five").endsWith("2 examples, 0 failed.\n");
    assertThat(CommandRun.of("policy", "test", folder.resolve("cap.yaml").toString()).out())
        .isEqualTo(holds.out());
    assertThat(CommandRun.of("policy", "validate", folder.toString()).out()).hasLineCount(1);

    Files.writeString(examples, Files.readString(examples).replace("kill", "pause"));
    CommandRun fails = CommandRun.of("policy", "test", folder.toString());
    assertThat(fails.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(fails.out())
        .contains("FAILED  at five")
        .contains("{action=pause, policy=cap}")
        .contains("action=kill")
        .endsWith("2 examples, 1 failed.\n");

    Files.writeString(examples, "cases: [{name: x, spans: [{cots: 1}], expect: []}]");
    CommandRun refused = CommandRun.of("policy", "test", folder.toString());
    assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("cap.test.yaml: case 'x', span 1: 'cots' is not known.");

    Files.delete(examples);
    assertThat(CommandRun.of("policy", "test", folder.toString()).err())
        .contains("no example found; expected files that end in .test.yaml");
  }

  @Test
  void shouldTurnBudgetsOfLiteLlmIntoPoliciesThatAreValid() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("config.txt"),
            "litellm_settings: {max_budget: 100, budget_duration: 30d}");

    CommandRun run = CommandRun.of("policy", "import", "--from", "litellm", config.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).startsWith("note: litellm_settings.budget_duration: 30d rolls here");
    Path policies = Files.writeString(folder.resolve("litellm.yaml"), run.out());
    assertThat(CommandRun.of("policy", "validate", policies.toString()).exitCode())
        .isEqualTo(ExitCode.OK);

    Files.writeString(config, "max_budget: lots");
    CommandRun refused = CommandRun.of("policy", "import", "--from", "litellm", config.toString());
    assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("max_budget: 'lots' is not an amount of USD");
  }

  @Test
  void shouldShowHowTextsDiffer() {
    StringWriter out = new StringWriter();
    PrintWriter printer = new PrintWriter(out);

    LineDiff.print("a\nb\nc\n", "a\nx\nc\nd\n", printer);

    assertThat(out.toString().lines()).containsExactly("    a", "  - b", "  + x", "    c", "  + d");
  }

  @Test
  void shouldKnowTheCommitOfAWorkTreeAndThatThereIsNone() throws Exception {
    assertThat(GitCommit.of(folder)).isNull();
    org.junit.jupiter.api.Assumptions.assumeTrue(git("init", "-q") == 0, "git is not installed");
    Files.writeString(folder.resolve("a.yaml"), "id: a");
    git("add", ".");
    git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "one");

    assertThat(GitCommit.of(folder)).matches("[0-9a-f]{40}");
    Files.writeString(folder.resolve("a.yaml"), "id: b");
    assertThat(GitCommit.of(folder)).matches("[0-9a-f]{40}-dirty");
  }

  private int git(String... arguments) throws InterruptedException {
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = folder.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      return 1;
    }
  }
}
