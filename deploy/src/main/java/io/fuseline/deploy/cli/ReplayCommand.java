package io.fuseline.deploy.cli;

import io.fuseline.deploy.replay.Replay;
import io.fuseline.deploy.replay.ReplayInputException;
import io.fuseline.deploy.replay.ReplaySummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "replay",
    description = {
      "Prices and judges a file of spans as the pipeline would have, in event-time order. Needs no cluster.",
      "Lines that cannot be used go to dead-letters.jsonl; the rest goes on."
    })
final class ReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

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
      names = "--policies",
      paramLabel = "PATH",
      defaultValue = "default",
      description =
          "A policy file, a folder with policy files at any depth, or 'default' for the policies that come with Fuseline. Default: ${DEFAULT-VALUE}")
  private String policies;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the results; made when it is not there.")
  private Path out;

  @Option(
      names = "--force",
      description =
          "Write into a folder that is not empty; results of an earlier replay are replaced.")
  private boolean force;

  @Option(
      names = "--strict",
      description =
          "Answer with exit code 3 when a line was rejected. The results are written all the same.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    requireUsableFolder();
    ReplaySummary summary = run();
    show(summary, spec.commandLine().getOut());
    if (strict && summary.rejected() > 0) {
      throw new RefusedInputException(
          "%s: %d line(s) rejected; see %s."
              .formatted(spans, summary.rejected(), out.resolve("dead-letters.jsonl")));
    }
    return ExitCode.OK;
  }

  private ReplaySummary run() throws IOException {
    try {
      return Replay.with(prices, policies).run(spans, out, spec.commandLine().getErr());
    } catch (ReplayInputException e) {
      throw new RefusedInputException(e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "The spans do not fit into the heap of %d MiB. Give the JVM more, such as FUSELINE_OPTS=-Xmx4g; a million spans need about 1 GiB."
              .formatted(Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }

  private void requireUsableFolder() throws IOException {
    if (!Files.exists(out)) {
      return;
    }
    if (!Files.isDirectory(out)) {
      throw new ParameterException(
          spec.commandLine(), "--out " + out + " is a file, expected a folder");
    }
    try (Stream<Path> found = Files.list(out)) {
      if (!force && found.findAny().isPresent()) {
        throw new ParameterException(
            spec.commandLine(),
            "--out "
                + out
                + " is not empty; take another folder, or --force to replace the results in it");
      }
    }
  }

  private static void show(ReplaySummary summary, PrintWriter out) {
    out.println(
        "%d spans, %d duplicates, %d rejected, %d unpriced"
            .formatted(
                summary.spans(), summary.duplicates(), summary.rejected(), summary.unpriced()));
    out.println(
        "cost " + PricesImportCommand.plain(summary.totalCost()) + " " + summary.currency());
    if (summary.unpricedBound().signum() > 0) {
      out.println(
          "and at most "
              + PricesImportCommand.plain(summary.unpricedBound())
              + " "
              + summary.currency()
              + " for what has no price");
    }
    Table commands = new Table("COMMAND", ">COUNT");
    summary
        .commandsByAction()
        .forEach((action, count) -> commands.row(action.name(), count.toString()));
    commands.print(out);
    out.flush();
  }
}
