package io.fuseline.deploy.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** The command line {@code fuseline}. */
@Command(
    name = "fuseline",
    description = "A real-time cost pipeline and fuse for autonomous AI agents.",
    mixinStandardHelpOptions = true,
    versionProvider = Fuseline.Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong option or argument",
      "3:an input file was refused; what is running goes on as before",
      "4:broker or registry cannot be reached",
      "6:policy diff found differences",
      "7:policy backtest: the candidate is worse than the baseline",
      "130:interrupted"
    },
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      UpCommand.class,
      SimulateCommand.class,
      TopicsCommand.class,
      PricesCommand.class,
      PolicyCommand.class,
      BudgetsCommand.class,
      DecideCommand.class,
      StreamCommand.class,
      SinkCommand.class,
      ReplayCommand.class,
      BenchCommand.class,
      ChaosCommand.class
    })
public final class Fuseline {
  @Mixin private LogOptions log;

  private Fuseline() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to be executed; tests give it writers of their own. */
  static CommandLine commandLine() {
    Fuseline fuseline = new Fuseline();
    return new CommandLine(fuseline)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(fuseline::execute)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> fuseline.report(failure, command.getErr()));
  }

  private int execute(CommandLine.ParseResult parsed) {
    CommandLine.ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    log.apply(last.commandSpec().userObject() instanceof ServiceCommand);
    return new CommandLine.RunLast().execute(parsed);
  }

  private int report(Exception failure, PrintWriter err) {
    err.println(
        "fuseline: " + Optional.ofNullable(failure.getMessage()).orElse(failure.toString()));
    if (log.isVerbose()) {
      failure.printStackTrace(err);
    }
    err.flush();
    if (failure instanceof RefusedInputException) {
      return ExitCode.REFUSED;
    }
    if (failure instanceof UnreachableException) {
      return ExitCode.UNREACHABLE;
    }
    if (failure instanceof ConfigException) {
      return ExitCode.USAGE;
    }
    return failure instanceof InterruptException ? ExitCode.INTERRUPTED : ExitCode.FAILED;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Fuseline.class.getPackage().getImplementationVersion())
              .orElse("of a development build");
      return new String[] {"fuseline " + version, "Java " + Runtime.version()};
    }
  }
}
