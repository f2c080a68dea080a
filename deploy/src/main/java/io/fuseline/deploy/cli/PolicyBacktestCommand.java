package io.fuseline.deploy.cli;

import io.fuseline.deploy.backtest.Backtest;
import io.fuseline.deploy.backtest.BacktestPage;
import io.fuseline.deploy.backtest.BacktestReport;
import io.fuseline.deploy.backtest.FailOn;
import io.fuseline.deploy.replay.ReplayInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
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
    name = "backtest",
    description = {
      "Shows what candidate policies would have done to a file of spans, beside those of today: alerts, throttles, stops, money saved, and stops on runs that ended well. Needs no cluster.",
      "Exit code 7 when the candidate is worse; see --fail-on."
    })
final class PolicyBacktestCommand implements Callable<Integer> {
  private static final BigDecimal MOST_PERCENT = new BigDecimal(100);

  @Spec private CommandSpec spec;

  @Option(
      names = "--candidate",
      required = true,
      paramLabel = "PATH",
      description = "The policies to try: a policy file, or a folder with policy files.")
  private String candidate;

  @Option(
      names = "--baseline",
      paramLabel = "PATH",
      defaultValue = "default",
      description =
          "The policies to compare with: a file, a folder, or 'default' for those that come with Fuseline. Default: ${DEFAULT-VALUE}")
  private String baseline;

  @Option(
      names = "--spans",
      required = true,
      paramLabel = "FILE",
      description = "Spans as JSON lines with the field names of AgentSpan, plain or gzip.")
  private Path spans;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      defaultValue = "default",
      description =
          "A price file, or a table (.csv), or a LiteLLM list (.json, .json.gz), or 'default' for the list that comes with Fuseline. Default: ${DEFAULT-VALUE}")
  private String prices;

  @Option(
      names = "--outcomes",
      paramLabel = "FILE",
      description =
          "Outcomes as JSON lines with the field names of Outcome, plain or gzip: which runs ended well. Without it a run's last span tells.")
  private Path outcomes;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the report as JSON; an existing file is replaced.")
  private Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Write the report as one HTML page with charts, which needs no other file and no network; an existing file is replaced.")
  private Path html;

  @Option(
      names = "--fail-on",
      split = ",",
      paramLabel = "WHAT",
      defaultValue = "healthy-stops,saves-less",
      description =
          "What makes the candidate worse: one or more of ${COMPLETION-CANDIDATES}, with commas. Default: ${DEFAULT-VALUE}")
  private List<FailOn> failOn;

  @Option(
      names = "--tolerate-saving-less",
      paramLabel = "PERCENT",
      defaultValue = "5",
      description =
          "By how much less the candidate may save, in percent of what the baseline saves, 0 to 100. Default: ${DEFAULT-VALUE}")
  private BigDecimal tolerance;

  @Override
  public Integer call() throws IOException {
    if (tolerance.signum() < 0 || tolerance.compareTo(MOST_PERCENT) > 0) {
      throw new ParameterException(
          spec.commandLine(), "--tolerate-saving-less " + tolerance + ": expected 0 to 100");
    }
    Set<FailOn> on = EnumSet.copyOf(failOn);
    if (on.contains(FailOn.NEVER) && on.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "--fail-on: 'never' stands alone, or is left out");
    }
    BacktestReport report = run();
    List<String> regressions = report.regressions(on, tolerance);
    if (json != null) {
      write(json, report.toJson().toPrettyString() + "\n");
    }
    if (html != null) {
      write(html, BacktestPage.of(report, regressions));
    }
    PrintWriter out = spec.commandLine().getOut();
    new BacktestText(report).print(out);
    for (String regression : regressions) {
      out.println("WORSE: " + regression + ".");
    }
    out.flush();
    return regressions.isEmpty() ? ExitCode.OK : ExitCode.WORSE;
  }

  private BacktestReport run() throws IOException {
    try {
      return Backtest.with(prices, baseline, candidate, outcomes)
          .run(spans, spec.commandLine().getErr());
    } catch (ReplayInputException e) {
      throw new RefusedInputException(e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "The spans do not fit into the heap of %d MiB. Give the JVM more, such as FUSELINE_OPTS=-Xmx4g; a million spans need about 2 GiB."
              .formatted(Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Files.writeString(file, text);
  }
}
