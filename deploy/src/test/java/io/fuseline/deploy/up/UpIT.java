package io.fuseline.deploy.up;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it as a user starts it: from the launcher, in processes of its own. */
class UpIT {
  private static final Set<String> MISBEHAVING =
      Set.of(
          "wiki-gardener",
          "price-watcher",
          "due-diligence",
          "due-diligence-reader",
          "ledger-migrator");

  @TempDir Path folder;

  @Test
  void shouldStopWhatMisbehavesAndNothingElse() throws Exception {
    Path json = folder.resolve("report.json");
    Process up = launch("--for", "30s", "--json", json.toString());

    assertThat(up.waitFor(4, TimeUnit.MINUTES)).as("ends by itself").isTrue();
    assertThat(up.exitValue()).as(output()).isZero();

    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.path("ledger").path("agrees").asBoolean()).as(output()).isTrue();
    assertThat(report.path("unpriced_spans").asLong()).isZero();

    List<JsonNode> kills =
        list(report.path("commands"))
            .filter(command -> text(command, "action").equals("KILL"))
            .toList();
    assertThat(kills).extracting(kill -> text(kill, "agent")).isSubsetOf(MISBEHAVING);
    assertThat(kills).extracting(kill -> text(kill, "command_id")).doesNotHaveDuplicates();

    JsonNode loop = only(kills, "runaway-loop");
    assertThat(text(loop, "target")).endsWith("-wiki-gardener-0000");
    assertThat(list(loop.path("acks")))
        .extracting(ack -> text(ack, "result"))
        .containsExactly("STOPPED");
    assertThat(list(loop.path("span_ids"))).isNotEmpty();
    // One call was under way at most when the command came; nothing is begun after it.
    assertThat(loop.path("breach_to_last_span_ms").asLong())
        .isLessThan(loop.path("span_to_command_ms").asLong() + 1_000);

    JsonNode tree = only(kills, "run-cap");
    assertThat(text(tree, "target")).endsWith("-due-diligence-0000");
    assertThat(list(tree.path("acks")))
        .extracting(ack -> text(ack, "result"))
        .containsExactly("STOPPED");

    assertThat(processesUsing(folder)).as("processes left").isEmpty();
    assertThat(folder.resolve("tmp")).as("temporary data").isEmptyDirectory();
  }

  @Test
  void shouldStopCleanlyWhenItIsTerminated() throws Exception {
    Process up = launch();
    try (var lines = up.inputReader()) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("live after")) {
        line = lines.readLine();
      }
      assertThat(line).as("is live").isNotNull();
      String page = lines.readLine();
      assertThat(page).matches("page:     http://127.0.0.1:\\d+/");
      assertThat(lines.readLine()).startsWith("broker:   ");
      assertThat(lines.readLine()).startsWith("registry: ");
      assertThat(lines.readLine() + "/")
          .isEqualTo(page.replace("page:     ", "OTLP:     OTEL_EXPORTER_OTLP_ENDPOINT="));
      List<ProcessHandle> children = up.descendants().toList();
      assertThat(children).hasSizeGreaterThanOrEqualTo(2);

      up.toHandle().destroy(); // Process.destroy would close the output that we still read

      String rest = String.join("\n", lines.lines().toList());
      assertThat(up.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(rest).contains("COST PER AGENT");
      assertThat(up.exitValue()).isEqualTo(128 + 15);
      assertThat(children).noneMatch(ProcessHandle::isAlive);
    }
    assertThat(folder.resolve("tmp")).as("temporary data").isEmptyDirectory();
  }

  private Process launch(String... options) throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(
                    Stream.of(
                        Path.of(System.getProperty("fuseline.home"), "bin", "fuseline").toString(),
                        "up",
                        "--headless"),
                    Stream.of(options))
                .toList());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("FUSELINE_OPTS", "-Djava.io.tmpdir=" + folder.resolve("tmp"));
    builder.redirectErrorStream(true);
    if (options.length > 0) {
      builder.redirectOutput(folder.resolve("output").toFile());
    }
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private static List<ProcessHandle> processesUsing(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains(folder.toString()))
                    .isPresent())
        .toList();
  }

  private static JsonNode only(List<JsonNode> commands, String policy) {
    List<JsonNode> found =
        commands.stream().filter(command -> text(command, "policy").equals(policy)).toList();
    assertThat(found).as(policy).hasSize(1);
    return found.get(0);
  }

  private static Stream<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static String text(JsonNode json, String field) {
    return json.path(field).asText();
  }
}
