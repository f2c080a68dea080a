package io.fuseline.deploy.cli;

import io.fuseline.deploy.bench.Guarding;
import io.fuseline.deploy.bench.Overshoot;
import io.fuseline.deploy.bench.OvershootReport;
import io.fuseline.deploy.bench.OvershootSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "overshoot",
    description = {
      "Measures how much a run spends beyond its cap of 1.00 USD, on a broker and a pipeline of its own: calls of 0.18 USD and of 0.01 USD, stopped by commands, by a question before each call, or by leases.",
      "How to read the figures: docs/PERFORMANCE.md."
    })
final class OvershootCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each is run; the worst counts. Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = "--guarded-by",
      split = ",",
      paramLabel = "GUARD",
      description = "Only these, of ${COMPLETION-CANDIDATES}.")
  private Set<Guarding> guardings = EnumSet.allOf(Guarding.class);

  @Option(
      names = "--dear-pace",
      split = ",",
      paramLabel = "MS",
      description =
          "Milliseconds from one call of 0.18 USD to the next; 0 for none of these. Default: 20,1000")
  private List<Integer> dearPaces = List.of(20, 1_000);

  @Option(
      names = "--cheap-pace",
      split = ",",
      paramLabel = "MS",
      description =
          "Milliseconds from one call of 0.01 USD to the next; 0 for none of these. Default: 50")
  private List<Integer> cheapPaces = List.of(50);

  @Option(names = "--json", paramLabel = "FILE", description = "Also write every run as JSON.")
  private Path json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Also write the table as Markdown.")
  private Path markdown;

  @Override
  public Integer call() throws IOException {
    OvershootReport report = Overshoot.run(settings(), spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    out.println(report.toMarkdown());
    out.flush();
    if (json != null) {
      Files.writeString(json, report.toJson());
    }
    if (markdown != null) {
      Files.writeString(markdown, report.toMarkdown());
    }
    return ExitCode.OK;
  }

  private OvershootSettings settings() {
    try {
      return new OvershootSettings(rounds, guardings, paces(dearPaces), paces(cheapPaces));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static List<Duration> paces(List<Integer> millis) {
    return millis.equals(List.of(0)) ? List.of() : millis.stream().map(Duration::ofMillis).toList();
  }
}
