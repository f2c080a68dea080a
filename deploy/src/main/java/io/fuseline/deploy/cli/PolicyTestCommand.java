package io.fuseline.deploy.cli;

import io.fuseline.stream.example.Example;
import io.fuseline.stream.example.ExampleException;
import io.fuseline.stream.example.ExampleFile;
import io.fuseline.stream.example.Examples;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.policy.PolicySet;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "test",
    description = {
      "Runs the examples kept beside policies (*.test.yaml): spans, and the alerts that have to follow.",
      "Ends with 1 when an example does not hold. Needs no cluster."
    })
final class PolicyTestCommand implements Callable<Integer> {
  private static final String CURRENCY = "USD";

  @Spec private CommandSpec spec;
  @Mixin private PolicyFiles files;

  @Override
  public Integer call() throws Exception {
    PolicySet policies = PolicySet.of(files.read().stream().map(ParsedPolicy::policy).toList());
    List<Example> examples = new ArrayList<>();
    try {
      for (Path file : ExampleFile.below(files.examples())) {
        examples.addAll(ExampleFile.read(file));
      }
    } catch (ExampleException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
    if (examples.isEmpty()) {
      throw new RefusedInputException(
          files.examples() + ": no example found; expected files that end in .test.yaml.");
    }
    PrintWriter out = spec.commandLine().getOut();
    int failed = 0;
    for (Example example : examples) {
      Example.Outcome outcome = Examples.run(example, policies, CURRENCY);
      out.println(
          (outcome.holds() ? "ok      " : "FAILED  ")
              + example.name()
              + " ("
              + example.file()
              + ")");
      if (!outcome.holds()) {
        failed++;
        out.println("  expected, in this order and no other:");
        outcome.expected().forEach(row -> out.println("    " + row));
        out.println("  found:");
        outcome.found().forEach(row -> out.println("    " + row));
      }
    }
    out.println(examples.size() + " examples, " + failed + " failed.");
    out.flush();
    return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }
}
