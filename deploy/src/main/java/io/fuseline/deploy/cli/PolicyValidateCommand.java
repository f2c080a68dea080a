package io.fuseline.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "validate", description = "Checks policy files. Needs no cluster.")
final class PolicyValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PolicyFiles files;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    files
        .read()
        .forEach(
            parsed ->
                out.println(
                    "valid  "
                        + parsed.policy().id()
                        + " "
                        + parsed.policy().version()
                        + " ("
                        + parsed.file()
                        + ")"));
    out.flush();
    return ExitCode.OK;
  }
}
