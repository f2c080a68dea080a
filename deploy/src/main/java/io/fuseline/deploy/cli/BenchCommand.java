package io.fuseline.deploy.cli;

import io.fuseline.deploy.bench.Bench;
import io.fuseline.deploy.bench.BenchReport;
import io.fuseline.deploy.bench.BenchSettings;
import io.fuseline.deploy.bench.Rung;
import io.fuseline.deploy.bench.WorkloadShape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "bench",
    description = {
      "Measures what a span costs, step by step, on a broker of its own: raw consumer, Avro decode, Kafka Streams pass-through, full topology, and beside them the same sums by the book of Kafka Streams' DSL; and how soon a command follows a span.",
      "Every step reads the same records in a process of its own. How to read the figures: docs/PERFORMANCE.md."
    },
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = OvershootCommand.class)
final class BenchCommand implements Callable<Integer> {
  private static final int SPANS = 400_000;
  private static final int QUICK_SPANS = 60_000;
  private static final Duration LATENCY_TIME = Duration.ofSeconds(30);
  private static final Duration QUICK_LATENCY_TIME = Duration.ofSeconds(8);

  @Spec private CommandSpec spec;

  @Option(
      names = "--spans",
      paramLabel = "N",
      description =
          "Records every step reads; the first quarter is warm-up. Default: 400000, with --quick 60000")
  private Integer spans;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "Root runs under way at a time, up to some millions; all begin in the warm-up. Default: ${DEFAULT-VALUE}")
  private int runs = WorkloadShape.DEFAULT.runsAtOnce();

  @Option(
      names = "--agents",
      paramLabel = "N",
      description = "Agents that the runs belong to. Default: ${DEFAULT-VALUE}")
  private int agents = WorkloadShape.DEFAULT.agents();

  @Option(
      names = "--skew",
      paramLabel = "S",
      description =
          "How much busier the busiest agents are, Zipf's exponent; 0: all alike. Default: ${DEFAULT-VALUE}")
  private double skew = WorkloadShape.DEFAULT.skew();

  @Option(
      names = "--quick",
      description =
          "Fewer records and shorter latency runs; over within three minutes on a machine that does nothing else.")
  private boolean quick;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description =
          "Rounds; the steps of each follow one another, and medians are taken. Default: ${DEFAULT-VALUE}")
  private int repeat = 1;

  @Option(
      names = "--rungs",
      split = ",",
      paramLabel = "RUNG",
      description = "Only these steps, of ${COMPLETION-CANDIDATES}.")
  private Set<Rung> rungs = EnumSet.allOf(Rung.class);

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      description = "Spans a second of the latency runs; 0 for no latency runs. Default: 200,2000")
  private List<Integer> rates = List.of(200, 2_000);

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "A setting of the pipeline, to measure what it is worth, such as commit.ms=100 or kafka.producer.linger.ms=20.")
  private Map<String, String> pipeline = Map.of();

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description =
          "Run L4 and L4P once more with a flight recording into this folder, and show where their time goes.")
  private Path profile;

  @Option(
      names = "--operations",
      description = "Run each step with state once more and count what it asks of RocksDB.")
  private boolean operations;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures as JSON.")
  private Path json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Also write the tables as Markdown.")
  private Path markdown;

  @Override
  public Integer call() throws IOException {
    BenchReport report = Bench.run(settings(), spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    out.println(report.toMarkdown());
    out.flush();
    if (json != null) {
      Files.writeString(json, report.toJson());
    }
    if (markdown != null) {
      Files.writeString(markdown, report.toMarkdown());
    }
    return ExitCode.OK;
  }

  private BenchSettings settings() {
    try {
      return new BenchSettings(
          spans != null ? spans : quick ? QUICK_SPANS : SPANS,
          new WorkloadShape(runs, agents, skew),
          repeat,
          rungs,
          rates.equals(List.of(0)) ? List.of() : rates,
          quick ? QUICK_LATENCY_TIME : LATENCY_TIME,
          pipeline,
          Optional.ofNullable(profile),
          operations);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
