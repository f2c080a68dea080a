package io.fuseline.deploy.cli;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.deploy.simulate.Simulation;
import io.fuseline.deploy.simulate.SimulationSettings;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "simulate",
    description = {
      "Plays a fleet of agents against a cluster, in real time: most are sound, four misbehave.",
      "The agents obey the commands on the cluster. The topics must be there ('fuseline topics create')."
    })
final class SimulateCommand implements Callable<Integer> {
  private static final long LOOK_EVERY_MILLIS = 200;

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this time, such as 60s or 15m. Default: until it is told to stop.")
  private Duration playFor;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Spans a second of the healthy agents together. Default: ${DEFAULT-VALUE}")
  private int rate = SimulationSettings.DEFAULT_RATE;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The same seed plays the same runs. Default: ${DEFAULT-VALUE}")
  private long seed = 1;

  @Override
  public Integer call() throws Exception {
    int checkedRate = checkedRate(rate, spec);
    cluster.requireBroker();
    var settings =
        new SimulationSettings(cluster.clientSettings(), cluster.topics(), checkedRate, seed);
    try (Simulation simulation = cluster.reaching(() -> Simulation.start(settings));
        Progress progress =
            Progress.start(
                "simulate", "spans", OptionalLong.empty(), spec.commandLine().getErr())) {
      simulation.misbehave();
      long until = playFor == null ? Long.MAX_VALUE : System.nanoTime() + playFor.toNanos();
      long told = 0;
      while (System.nanoTime() < until && simulation.failure().isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        long sent = simulation.spansSent();
        progress.advance(sent - told);
        told = sent;
      }
      simulation.close();
      progress.advance(simulation.spansSent() - told);
      if (simulation.failure().isPresent()) {
        throw simulation.failure().get();
      }
      return ExitCode.OK;
    } catch (InterruptedException e) {
      return ExitCode.INTERRUPTED;
    }
  }

  /** The rate, when it is one that can be played. */
  static int checkedRate(int rate, CommandSpec spec) {
    if (rate < 1 || rate > SimulationSettings.MOST_SPANS_PER_SECOND) {
      throw new ParameterException(
          spec.commandLine(),
          "--rate is %d, expected 1 to %d"
              .formatted(rate, SimulationSettings.MOST_SPANS_PER_SECOND));
    }
    return rate;
  }
}
