package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SizingScriptTest {
  private static final Path SCRIPT = Path.of("../scripts/sizing").toAbsolutePath().normalize();

  private record Run(int exitCode, String out) {
    /** A cell of the row of so many spans a second. */
    String cell(String rate, int column) {
      return out.lines()
          .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toList())
          .filter(cells -> cells.size() > column && cells.get(1).equals(rate))
          .map(cells -> cells.get(column))
          .findFirst()
          .orElseThrow(() -> new AssertionError("No row of " + rate + " in\n" + out));
    }
  }

  private static Run run(String... values) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
    command.addAll(Arrays.asList(values));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out);
  }

  @Test
  void shouldNeedTheThreadsThatTheCpuOfASpanAsksForWhenARateIsGiven() throws Exception {
    Run run = run("pipeline_us=60", "busy=0.6", "spare_partitions=3");

    assertThat(run.exitCode()).isZero();
    assertThat(run.cell("100 k", 3)).as("threads").isEqualTo("10");
    assertThat(run.cell("100 k", 2)).as("partitions").isEqualTo("30");
    assertThat(run.cell("10.0 M", 3)).as("threads").isEqualTo("1000");
  }

  @Test
  void shouldKeepStateForEachDayAndCopyWhenSpansAreKept() throws Exception {
    Run run = run("kept_bytes=100", "keep_runs_days=2", "standbys=1");

    assertThat(run.cell("10 k", 9)).as("state").isEqualTo("345.6 G");
  }

  @Test
  void shouldRefuseWhenANameIsUnknown() throws Exception {
    Run run = run("pipelin_us=60");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).contains("pipelin_us=60");
  }
}
