package io.fuseline.deploy.cli;

import io.fuseline.deploy.bench.Bench;
import io.fuseline.deploy.bench.BenchReport;
import io.fuseline.deploy.bench.BenchSettings;
import io.fuseline.deploy.bench.LatencySettings;
import io.fuseline.deploy.bench.Rung;
import io.fuseline.deploy.bench.ScaleSettings;
import io.fuseline.deploy.bench.WorkloadShape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
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
      "With --latency, --flatness, --processes, --restore or --takeover only these, unless --rungs or --rates ask for more.",
      "Every step reads the same records in a process of its own. How to read the figures: docs/PERFORMANCE.md."
    },
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = OvershootCommand.class)
final class BenchCommand implements Callable<Integer> {
  private static final int SPANS = 400_000;
  private static final int QUICK_SPANS = 12_000;

  /** The latency of the first roll-up is mostly the waiting for it. */
  private static final Map<String, String> QUICK_PIPELINE = Map.of("rollup.every", "PT2S");

  /** The better compiler would not have done before all is over, and takes a core meanwhile. */
  private static final List<String> QUICK_JVM_OPTIONS =
      List.of("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final String HIGHEST = "max";
  private static final Duration LATENCY_TIME = Duration.ofSeconds(20);
  private static final Duration QUICK_LATENCY_TIME = Duration.ofSeconds(3);

  @Spec private CommandSpec spec;

  @Option(
      names = "--spans",
      paramLabel = "N",
      description =
          "Records every step reads; the first quarter is warm-up. Default: 400000, with --quick 12000")
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
          "Everything in small: fewer records, shorter latency runs, few root runs and processes; over within three minutes on a machine that does nothing else.")
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
  private Set<Rung> rungs;

  @Option(
      names = "--others",
      paramLabel = "FILE",
      description =
          "A file with the class path of the programs to compare with, for the steps PG, PGS and FLINK; scripts/bench --against builds and gives it.")
  private Path others;

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      description =
          "Spans a second of the latency runs; max looks for the highest that is sustained; 0 for no latency runs. Default: 1000, with --latency 1000,10000,max")
  private List<String> rates;

  @Option(
      names = "--commits",
      split = ",",
      paramLabel = "MS",
      description =
          "Milliseconds between commits in the latency runs. Default: 500, with --latency 100,500,1000")
  private List<Integer> commits;

  @Option(
      names = "--eos",
      split = ",",
      paramLabel = "on|off",
      description =
          "Latency runs with exactly-once on, off, or both. Default: on, with --latency on,off")
  private List<String> exactlyOnce;

  @Option(
      names = "--latency",
      description =
          "The latency runs with all their variants: the whole table takes about twenty minutes.")
  private boolean latency;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "A setting of the pipeline, to measure what it is worth, such as commit.ms=100 or kafka.producer.linger.ms=20.")
  private Map<String, String> pipeline = Map.of();

  @Option(
      names = "--jvm",
      split = " ",
      paramLabel = "OPTIONS",
      description =
          "Options of the JVM of each process that is measured, separated by blanks, instead of -Xms1g -Xmx1g -XX:+UseG1GC; with --quick -XX:+UseSerialGC -XX:TieredStopAtLevel=1 come in its place. Which JVM it is, JAVA_HOME says.")
  private List<String> jvm;

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

  @Option(
      names = "--flatness",
      split = ",",
      paramLabel = "N",
      description =
          "With so many root runs under way, such as 10000,100000,1000000: what a span costs, memory, state. One span opens each run; of the --spans further ones half are warm-up.")
  private List<Integer> flatness = List.of();

  @Option(
      names = "--processes",
      split = ",",
      paramLabel = "N",
      description =
          "Work off the spans with so many processes of the full topology, such as 1,2,4.")
  private List<Integer> processes = List.of();

  @Option(
      names = "--restore",
      description = "Throw away the full topology's local state and start it again.")
  private boolean restore;

  @Option(
      names = "--takeover",
      split = ",",
      paramLabel = "MS",
      description =
          "Kill one of two processes, each the other's standby, with a session of so many milliseconds.")
  private List<Integer> takeovers = List.of();

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

  private ScaleSettings scale() {
    boolean all = quick && !isPart() && rungs == null && rates == null;
    return all ? ScaleSettings.SMALL : new ScaleSettings(flatness, processes, restore, takeovers);
  }

  /** One or several parts are asked for by name: neither ladder nor latencies come with them. */
  private boolean isPart() {
    return latency
        || !flatness.isEmpty()
        || !processes.isEmpty()
        || restore
        || !takeovers.isEmpty();
  }

  private Set<Rung> usualRungs() {
    Set<Rung> usual = EnumSet.allOf(Rung.class);
    if (others == null) {
      usual.removeIf(Rung::isOther);
    }
    if (quick) {
      usual.remove(Rung.L4P); // what it adds to L4 is less than what a short run is off by
    }
    return usual;
  }

  private Optional<String> othersClassPath() {
    try {
      return others == null ? Optional.empty() : Optional.of(Files.readString(others).strip());
    } catch (IOException e) {
      throw new IllegalArgumentException("--others: " + others + " cannot be read", e);
    }
  }

  private Map<String, String> pipeline() {
    Map<String, String> settings = new HashMap<>(quick ? QUICK_PIPELINE : Map.of());
    settings.putAll(pipeline);
    return settings;
  }

  private LatencySettings latency() {
    List<String> wanted =
        rates != null
            ? rates
            : latency ? List.of("1000", "10000", HIGHEST) : List.of(isPart() ? "0" : "1000");
    return new LatencySettings(
        wanted.stream()
            .filter(rate -> !rate.equals(HIGHEST) && !rate.equals("0"))
            .map(BenchCommand::rate)
            .toList(),
        wanted.contains(HIGHEST),
        quick ? QUICK_LATENCY_TIME : LATENCY_TIME,
        commits != null ? commits : latency ? List.of(100, 500, 1_000) : List.of(500),
        (exactlyOnce != null ? exactlyOnce : latency ? List.of("on", "off") : List.of("on"))
            .stream().map(BenchCommand::isOn).toList());
  }

  private static int rate(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--rates has '"
              + text
              + "'; give whole numbers or "
              + HIGHEST
              + ", such as 1000,"
              + HIGHEST,
          e);
    }
  }

  private static boolean isOn(String text) {
    return switch (text) {
      case "on" -> true;
      case "off" -> false;
      default ->
          throw new IllegalArgumentException("--eos has '" + text + "'; give on, off or on,off");
    };
  }

  private BenchSettings settings() {
    try {
      return new BenchSettings(
          spans != null ? spans : quick ? QUICK_SPANS : SPANS,
          new WorkloadShape(runs, agents, skew),
          repeat,
          rungs != null ? rungs : isPart() ? Set.of() : usualRungs(),
          latency(),
          pipeline(),
          Optional.ofNullable(profile),
          scale(),
          othersClassPath(),
          jvm != null ? jvm : quick ? QUICK_JVM_OPTIONS : BenchSettings.JVM_OPTIONS,
          operations);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
