package io.fuseline.deploy.cli;

import io.fuseline.deploy.progress.Progress;
import io.fuseline.deploy.simulate.SimulationSettings;
import io.fuseline.deploy.up.Up;
import io.fuseline.deploy.up.UpSettings;
import io.fuseline.enrichment.price.PriceFile;
import io.fuseline.enrichment.price.PriceFileException;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicyFile;
import io.fuseline.stream.policy.PolicyFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    description = {
      "Starts everything on this machine and shows it at work: broker, schema registry, topics, prices, policies, pipeline, sink and a simulated fleet of agents, some of which misbehave.",
      "Ctrl-C, or the time given, ends it with a report of what was spent and what was stopped."
    })
final class UpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--headless",
      description = "Plain lines instead of a live screen, also on a terminal.")
  private boolean headless;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "Stop so long after it is live, such as 60s or 15m. Default: until it is told to stop.")
  private Duration liveFor;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the report as JSON; the fields are described in docs/up.md.")
  private Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder for all data and logs, kept for the next time. Default: a fresh one that is removed at the end.")
  private Path data;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description =
          "Port of page and API on the loopback address; a free one is taken when it is in use. Default: ${DEFAULT-VALUE}")
  private int httpPort = UpSettings.DEFAULT_HTTP_PORT;

  @Option(names = "--no-simulator", description = "No simulated agents; bring your own.")
  private boolean noSimulator;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Spans a second of the healthy simulated agents together. Default: ${DEFAULT-VALUE}")
  private int rate = SimulationSettings.DEFAULT_RATE;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The same seed plays the same runs. Default: ${DEFAULT-VALUE}")
  private long seed = 1;

  @Option(
      names = "--policies",
      paramLabel = "PATH",
      description =
          "Policy file or folder. Default: policies with limits so low that the simulated agents reach them.")
  private Path policies;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "Price file. Default: the price list that comes with Fuseline.")
  private Path prices;

  @Override
  public Integer call() throws Exception {
    if (httpPort < 0 || httpPort > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "--http-port is " + httpPort + ", expected 0 to 65535");
    }
    int checkedRate = SimulateCommand.checkedRate(rate, spec);
    Path folder = data == null ? Files.createTempDirectory("fuseline-up-") : data;
    LogOptions.toFile(Files.createDirectories(folder).resolve("fuseline.log"));
    List<ParsedPolicy> policiesRead = readPolicies();
    List<PriceEntry> pricesRead = readPrices();
    UpSettings settings =
        new UpSettings(
            folder,
            data != null,
            Optional.ofNullable(liveFor),
            Optional.ofNullable(json),
            Progress.isTerminal() && !headless,
            httpPort,
            !noSimulator,
            checkedRate,
            seed,
            policiesRead,
            pricesRead);
    boolean well = Up.run(settings, spec.commandLine().getOut(), spec.commandLine().getErr());
    return well ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<ParsedPolicy> readPolicies() {
    try {
      return policies == null ? UpSettings.demoPolicies() : PolicyFile.read(policies);
    } catch (PolicyFileException | UncheckedIOException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
  }

  private List<PriceEntry> readPrices() {
    try {
      return prices == null ? UpSettings.defaultPrices() : PriceFile.read(prices);
    } catch (PriceFileException e) {
      throw new RefusedInputException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RefusedInputException("Cannot read the price list " + prices + ": " + e, e);
    }
  }
}
