package io.fuseline.deploy.cli;

import io.fuseline.stream.policy.Presets;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "presets",
    description = {
      "Lists the policies that come as presets, or prints one as YAML. Needs no cluster.",
      "For example: fuseline policy presets task-tokens > my-policies/task-tokens.yaml"
    })
final class PolicyPresetsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The preset to print.")
  private String name;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      Table table = new Table("PRESET", "WHAT IT DOES");
      Presets.all().forEach(preset -> table.row(preset.name(), preset.title()));
      table.print(out);
    } else {
      out.print(
          Presets.named(name)
              .orElseThrow(
                  () ->
                      new RefusedInputException(
                          "No preset is called "
                              + name
                              + ". There are: "
                              + Presets.all().stream()
                                  .map(Presets.Preset::name)
                                  .collect(Collectors.joining(", "))
                              + "."))
              .text());
    }
    out.flush();
    return ExitCode.OK;
  }
}
