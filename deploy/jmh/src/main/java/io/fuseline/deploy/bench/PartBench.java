package io.fuseline.deploy.bench;

import io.fuseline.enrichment.price.PriceBook;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * Measures the parts of a span's way by themselves. Takes JMH's own options, which go before the
 * settings here, such as {@code Price -f 1}.
 */
public final class PartBench {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private PartBench() {}

  public static void main(String[] args)
      throws CommandLineOptionException, RunnerException, IOException {
    CommandLineOptions asked = new CommandLineOptions(args);
    if (asked.shouldHelp()) {
      asked.showHelp();
      return;
    }
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(asked)
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(asked.getForkCount().orElse(3))
            .warmupIterations(asked.getWarmupIterations().orElse(5))
            .warmupTime(asked.getWarmupTime().orElse(TimeValue.seconds(1)))
            .measurementIterations(asked.getMeasurementIterations().orElse(5))
            .measurementTime(asked.getMeasurementTime().orElse(TimeValue.seconds(1)))
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .addProfiler(CpuProfiler.class)
            // As each rung of the ladder runs.
            .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseG1GC", PriceLists.litellmProperty());
    if (!PriceLists.hasLitellm()) {
      System.out.println(
          "LiteLLM's price list is not here, only the default list is measured: "
              + PriceLists.litellmFile());
      options.param("list", PriceLists.DEFAULT);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    System.out.println("\n" + Machine.current() + "\n\n" + table(results));
    boolean pricesToo =
        asked.getIncludes().isEmpty()
            || results.stream().anyMatch(result -> result.getParams().getParam("list") != null);
    if (pricesToo) {
      System.out.println(memory());
    }
  }

  private static MarkdownTable table(Collection<RunResult> results) {
    MarkdownTable table =
        new MarkdownTable("part", "price list", ">CPU ns", ">min-max", ">wall ns", ">heap bytes");
    for (RunResult result : results) {
      Statistics cpu = result.getSecondaryResults().get(CpuProfiler.RESULT).getStatistics();
      String[] name = result.getParams().getBenchmark().split("\\.");
      String list = result.getParams().getParam("list");
      table.row(
          name[name.length - 2].replace("Benchmark", "") + "." + name[name.length - 1],
          list == null ? "" : list,
          number(cpu.getPercentile(50)),
          number(cpu.getMin()) + "-" + number(cpu.getMax()),
          number(result.getPrimaryResult().getStatistics().getPercentile(50)),
          number(result.getSecondaryResults().get(ALLOCATED).getScore()));
    }
    return table;
  }

  private static MarkdownTable memory() throws IOException {
    MarkdownTable table = new MarkdownTable("price list", ">entries", ">heap KiB", ">bytes/entry");
    List<String> lists = new ArrayList<>(List.of(PriceLists.DEFAULT));
    if (PriceLists.hasLitellm()) {
      lists.add(PriceLists.LITELLM);
    }
    for (String list : lists) {
      PriceLists.book(list); // once for what is loaded once
      long before = usedAfterCollection();
      PriceBook book = PriceLists.book(list);
      long bytes = usedAfterCollection() - before;
      table.row(
          list, number(book.size()), number(bytes / 1024.0), number(bytes / (double) book.size()));
    }
    return table;
  }

  private static long usedAfterCollection() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }
}
