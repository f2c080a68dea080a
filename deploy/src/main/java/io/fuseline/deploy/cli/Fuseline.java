package io.fuseline.deploy.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

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
      "130:interrupted"
    },
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    subcommands = {TopicsCommand.class})
public final class Fuseline {
  private Fuseline() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to be executed; tests give it writers of their own. */
  static CommandLine commandLine() {
    return new CommandLine(new Fuseline())
        .setExecutionStrategy(
            parsed -> {
              LogOptions.of(parsed).apply();
              return new CommandLine.RunLast().execute(parsed);
            })
        .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command.getErr(), LogOptions.of(parsed)));
  }

  private static int report(Exception failure, PrintWriter err, LogOptions log) {
    err.println("fuseline: " + Optional.ofNullable(failure.getMessage()).orElse(failure.toString()));
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
      String version = Optional.ofNullable(Fuseline.class.getPackage().getImplementationVersion()).orElse("of a development build");
      return new String[] {"fuseline " + version, "Java " + Runtime.version()};
    }
  }
}
