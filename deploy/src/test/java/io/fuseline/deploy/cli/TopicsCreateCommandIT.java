package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.deploy.stack.SharedStack;
import io.fuseline.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsCreateCommandIT {
  @TempDir Path data;

  private final LocalStack stack = SharedStack.get();

  @Test
  void shouldCreateOnceAndFindThemTheNextTime() {
    CommandRun first = create("--topic-prefix", "once.");
    CommandRun second = create("--topic-prefix", "once.");

    assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.OK);
    assertThat(second.exitCode()).as(second.err()).isEqualTo(ExitCode.OK);
    for (var topic : Topics.defaults().all()) {
      assertThat(first.out()).contains("topic once." + topic.name() + ": created");
      assertThat(second.out()).contains("topic once." + topic.name() + ": exists");
    }
    assertThat(first.out()).containsPattern("schema once.agent-spans-value: id \\d+");
    assertThat(schemaLines(second)).isEqualTo(schemaLines(first));
  }

  @Test
  void shouldTellWhatDiffersAndLeaveItAsItIs() throws Exception {
    create("--topic-prefix", "other.");
    Path changed =
        Files.writeString(
            data.resolve("changed.json"),
            "{\"prices\": {\"partitions\": 3}, \"outcomes\": {\"retention\": \"P1D\", \"cleanup\": \"compact,delete\"}}");

    CommandRun run = create("--topic-prefix", "other.", "--topics", changed.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("topic other.prices: differs (partitions is 1, expected 3)")
        .contains(
            "topic other.outcomes: differs (cleanup.policy is delete, expected compact,delete; retention.ms is 2592000000, expected 86400000)")
        .contains("topic other.agent-spans: exists");
  }

  @Test
  void shouldAnswerUnreachableWhenTheRegistryIsAway() {
    CommandRun run =
        CommandRun.of(
            "topics",
            "create",
            "--topic-prefix",
            "half.",
            "--bootstrap-servers",
            stack.bootstrapServers(),
            "--registry-url",
            "http://127.0.0.1:1");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(run.err()).contains("http://127.0.0.1:1").contains("--registry-url");
  }

  private CommandRun create(String... more) {
    return CommandRun.on(
        stack,
        Stream.concat(Stream.of("topics", "create"), Stream.of(more)).toArray(String[]::new));
  }

  private static String schemaLines(CommandRun run) {
    return String.join("\n", run.out().lines().filter(line -> line.startsWith("schema ")).toList());
  }
}
