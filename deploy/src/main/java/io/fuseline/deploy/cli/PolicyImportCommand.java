package io.fuseline.deploy.cli;

import io.fuseline.stream.policy.LiteLlmBudgets;
import io.fuseline.stream.policy.PolicyFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    description = {
      "Turns budget settings of LiteLLM into policies and prints them as YAML. Needs no cluster.",
      "Reads max_budget, soft_budget, budget_duration, max_budget_per_session and max_iterations."
    })
final class PolicyImportCommand implements Callable<Integer> {
  enum Format {
    LITELLM
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "FORMAT",
      description = "Form of the settings: litellm (its config YAML, or JSON of its admin API).")
  private Format format;

  @Parameters(paramLabel = "FILE", description = "The settings.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new RefusedInputException("No file " + file + " with settings.");
    }
    LiteLlmBudgets.Result result;
    try {
      result = LiteLlmBudgets.read(Files.readString(file), file.toString());
    } catch (IllegalArgumentException | PolicyFileException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    result.remarks().forEach(remark -> err.println("note: " + remark));
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.print(result.yaml());
    out.flush();
    return ExitCode.OK;
  }
}
