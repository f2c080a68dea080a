package io.fuseline.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class FuselineTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("allCommands")
  void shouldDescribeEveryCommandAndOptionInItsHelp(String command) {
    String[] words = (command + " --help").trim().split(" ", -1);

    CommandRun run = CommandRun.of(words);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Usage: fuseline " + command).contains("--help");
    assertThat(run.err()).isEmpty();
    CommandLine.Model.CommandSpec spec = specOf(command);
    assertThat(spec.usageMessage().description()).as("description of '%s'", command).isNotEmpty();
    spec.options()
        .forEach(
            option ->
                assertThat(option.description())
                    .as(command + " " + option.longestName())
                    .isNotEmpty());
    spec.positionalParameters()
        .forEach(
            parameter ->
                assertThat(parameter.description())
                    .as(command + " " + parameter.paramLabel())
                    .isNotEmpty());
  }

  @Test
  void shouldDocumentItsExitCodes() {
    assertThat(CommandRun.of("--help").out())
        .contains("Exit codes:")
        .contains("3 ")
        .contains("4 ")
        .contains("130 ");
  }

  @Test
  void shouldSayWhatARangeIsWhenAnOvershootCannotBeMeasuredAsAsked() {
    CommandRun run = CommandRun.of("bench", "overshoot", "--rounds", "0");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.err()).contains("rounds is 0, expected 1 or more");
  }

  @Test
  void shouldTellItsVersion() {
    assertThat(CommandRun.of("--version").out()).startsWith("fuseline ").contains("Java ");
  }

  @Test
  void shouldAnswerUsageWhenNoCommandIsGiven() {
    CommandRun run = CommandRun.of();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("Usage: fuseline");
  }

  @Test
  void shouldAnswerUsageWhenAnOptionIsUnknown() {
    CommandRun run = CommandRun.of("topics", "create", "--nonsense");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--nonsense");
  }

  @Test
  void shouldAnswerUsageWhenANumberIsOutOfRange() {
    CommandRun run = CommandRun.of("topics", "create", "--replication-factor", "0");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--replication-factor is 0, expected 1 or more");
  }

  @Test
  void shouldAnswerUnreachableWhenNoBrokerAnswers() throws IOException {
    Path settings =
        Files.writeString(
            folder.resolve("quick.properties"),
            "default.api.timeout.ms=1500\nrequest.timeout.ms=1000\n");

    CommandRun run =
        CommandRun.of(
            "topics",
            "create",
            "--bootstrap-servers",
            "127.0.0.1:" + unusedPort(),
            "--config",
            settings.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(run.err())
        .contains("Kafka at 127.0.0.1:")
        .contains("does not answer")
        .contains("--bootstrap-servers");
  }

  @Test
  void shouldAnswerUnreachableWhenTheBrokerHasNoSuchName() {
    CommandRun run =
        CommandRun.of("topics", "create", "--bootstrap-servers", "no-such-host.invalid:9092");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(run.err()).contains("no-such-host.invalid:9092");
  }

  @Test
  void shouldRefuseATopicsFileWithItsPlace() throws IOException {
    Path topics =
        Files.writeString(
            folder.resolve("topics.json"), "{\"prices\": {\"partitions\": \"many\"}}");

    CommandRun run = CommandRun.of("topics", "create", "--topics", topics.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains(topics + ", prices.partitions: expected a whole number");
  }

  @Test
  void shouldRefuseASettingsFileThatIsNotThere() {
    CommandRun run =
        CommandRun.of("topics", "create", "--config", folder.resolve("none.properties").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(run.err()).contains("none.properties");
  }

  static Stream<String> allCommands() {
    return names(Fuseline.commandLine(), "");
  }

  private static Stream<String> names(CommandLine command, String path) {
    Stream<String> below =
        command.getSubcommands().entrySet().stream()
            .flatMap(entry -> names(entry.getValue(), (path + " " + entry.getKey()).trim()));
    return Stream.concat(Stream.of(path), below);
  }

  private static CommandLine.Model.CommandSpec specOf(String command) {
    CommandLine found = Fuseline.commandLine();
    for (String word : command.split(" ", -1)) {
      found = word.isEmpty() ? found : found.getSubcommands().get(word);
    }
    return found.getCommandSpec();
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
