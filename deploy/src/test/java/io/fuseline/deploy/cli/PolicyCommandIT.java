package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCommandIT {
  private static final String POLICY =
      """
      id: %s
      description: One run may spend so much.
      mode: enforce
      rule: {type: budget, per: run, limit: "%s"}
      ladder:
        - {at: 100%%, action: pause, severity: critical}
      """;

  @TempDir Path folder;

  private final LocalStack stack = SharedStack.get();

  @Test
  void shouldApplyChangesAndLeaveTheRestAlone() throws IOException {
    CommandRun created = run("topics", "create");
    assertThat(created.exitCode()).as(created.err()).isEqualTo(ExitCode.OK);
    write("one.yaml", "first", "10");
    write("two.yaml", "second", "10");

    assertThat(apply().out())
        .contains("new        first")
        .contains("new        second")
        .contains("Wrote 2 changes.");
    assertThat(apply().out()).contains("unchanged  first").contains("Wrote 0 changes.");

    write("one.yaml", "first", "20");
    Files.delete(folder.resolve("two.yaml"));
    assertThat(apply("--dry-run").out())
        .contains("changed    first")
        .contains("kept       second")
        .contains("Nothing was written");
    assertThat(apply("--prune").out())
        .contains("changed    first")
        .contains("removed    second")
        .contains("Wrote 2 changes.");
    assertThat(apply("--prune").out()).contains("unchanged  first").doesNotContain("second");
  }

  @Test
  void shouldTellWhatIsInForceAndHowFilesDiffer() throws IOException {
    assertThat(run("topics", "create").exitCode()).isEqualTo(ExitCode.OK);
    write("one.yaml", "stamped", "10");
    apply("--author", "ada", "--git-commit", "abc123");

    CommandRun list = run("policy", "list");
    assertThat(list.exitCode()).as(list.err()).isEqualTo(ExitCode.OK);
    assertThat(list.out().lines().filter(line -> line.startsWith("stamped ")))
        .singleElement()
        .asString()
        .contains("enforce", "budget run life cost", "ada", "abc123");
    CommandRun show = run("policy", "show", "stamped");
    assertThat(show.out())
        .startsWith("# version ")
        .contains(" by ada, commit abc123")
        .contains("id: stamped");
    assertThat(run("policy", "show", "none").exitCode()).isEqualTo(ExitCode.REFUSED);

    assertThat(run("policy", "diff", folder.toString()).exitCode()).isEqualTo(ExitCode.OK);
    write("one.yaml", "stamped", "20");
    CommandRun diff = run("policy", "diff", folder.toString());
    assertThat(diff.exitCode()).isEqualTo(ExitCode.DIFFERENT);
    assertThat(diff.out())
        .contains("changed    stamped")
        .contains("  - rule: {type: budget, per: run, limit: \"10\"}")
        .contains("  + rule: {type: budget, per: run, limit: \"20\"}");
  }

  @Test
  void shouldWriteARaiseThatEndsByItself() {
    assertThat(run("topics", "create").exitCode()).isEqualTo(ExitCode.OK);

    CommandRun raise =
        run(
            "policy",
            "raise",
            "agent",
            "coder",
            "--by",
            "50",
            "--for",
            "4h",
            "--reason",
            "quarter end",
            "--author",
            "ada",
            "--policy",
            "daily");

    assertThat(raise.exitCode()).as(raise.err()).isEqualTo(ExitCode.OK);
    assertThat(raise.out()).startsWith("Decision raise-").contains(": raised until 20");
    CommandRun refused =
        run("policy", "raise", "agent", "coder", "--by", "0", "--for", "4h", "--reason", "none");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("--by: found 0");
  }

  @Test
  void shouldWriteADecisionAboutAStop() {
    assertThat(run("topics", "create").exitCode()).isEqualTo(ExitCode.OK);

    CommandRun approve =
        run("decide", "approve", "run", "run-1", "--reason", "it is worth it", "--author", "ada");

    assertThat(approve.exitCode()).as(approve.err()).isEqualTo(ExitCode.OK);
    assertThat(approve.out()).startsWith("Decision approve-").contains(" by ada.");
  }

  @Test
  void shouldValidateWithoutACluster() throws IOException {
    write("one.yaml", "first", "10");

    CommandRun run = CommandRun.of("policy", "validate", folder.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).startsWith("valid  first ").contains("one.yaml");
  }

  @Test
  void shouldRefuseAPolicyWithFileLineAndField() throws IOException {
    Path file = write("one.yaml", "NOT AN ID", "10");

    CommandRun run = CommandRun.of("policy", "validate", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains(file + ":1: id: 'NOT AN ID'");
  }

  @Test
  void shouldRefuseAFolderWithoutPolicies() {
    CommandRun run = CommandRun.of("policy", "validate", folder.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("no policy found");
  }

  private CommandRun apply(String... options) {
    CommandRun run =
        run(
            Stream.concat(Stream.of("policy", "apply", folder.toString()), Stream.of(options))
                .toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    return run;
  }

  private CommandRun run(String... args) {
    return CommandRun.on(
        stack,
        Stream.concat(Stream.of(args), Stream.of("--topic-prefix", "policies."))
            .toArray(String[]::new));
  }

  private Path write(String name, String id, String limit) throws IOException {
    return Files.writeString(folder.resolve(name), POLICY.formatted(id, limit));
  }
}
