package io.fuseline.deploy.cli;

import io.fuseline.deploy.chaos.Chaos;
import io.fuseline.deploy.chaos.ChaosReport;
import io.fuseline.deploy.chaos.ChaosSettings;
import java.io.PrintWriter;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "chaos",
    description = {
      "Kills a pipeline of its own with -9 at random points while spans are repeated and come in disorder, and checks that no cent and no command is wrong.",
      "Takes about 15 seconds per crash and a minute more. What is checked: docs/operating.md. Exit code 1 when a check fails."
    })
final class ChaosCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--crashes",
      paramLabel = "N",
      description = "How often it is killed. Default: ${DEFAULT-VALUE}.")
  private int crashes = 20;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all random numbers, to do a run again. Default: a new one.")
  private long seed = new Random().nextInt(1_000_000);

  @Override
  public Integer call() {
    ChaosReport report = Chaos.runOnOwnStack(settings(), spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    out.println(report.toText());
    out.flush();
    return report.failures().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private ChaosSettings settings() {
    try {
      return new ChaosSettings(crashes, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
