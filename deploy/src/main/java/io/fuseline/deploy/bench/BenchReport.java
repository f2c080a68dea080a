package io.fuseline.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was measured, to be read by people and by programs. */
public final class BenchReport {
  private final Instant at;
  private final Machine machine;
  private final Map<String, Object> workload;
  private final List<List<Measurement>> rounds;
  private final Map<Rung, StateOperations> operations;
  private final List<Latency> latencies;
  private final List<Scale> scales;
  private final Map<Rung, Hotspots> hotspots;

  /**
   * @param workload facts about the records that were read, by name
   * @param rounds the measurements of each round
   * @param operations what the rungs asked of their state in the measured part, where it was
   *     counted
   * @param hotspots of the rungs that were profiled
   */
  BenchReport(
      Instant at,
      Machine machine,
      Map<String, Object> workload,
      List<List<Measurement>> rounds,
      Map<Rung, StateOperations> operations,
      List<Latency> latencies,
      List<Scale> scales,
      Map<Rung, Hotspots> hotspots) {
    this.at = at;
    this.machine = machine;
    this.workload = new LinkedHashMap<>(workload);
    this.rounds = rounds.stream().map(List::copyOf).toList();
    this.operations = Map.copyOf(operations);
    this.latencies = List.copyOf(latencies);
    this.scales = List.copyOf(scales);
    this.hotspots = Map.copyOf(hotspots);
  }

  /** Tables in Markdown that read well on a terminal too. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    text.append(at).append("  \n").append(machine).append("  \n");
    List<String> facts = new ArrayList<>();
    workload.forEach((name, value) -> facts.add(name + " " + number(value)));
    text.append(String.join(", ", facts)).append("\n\n");
    if (!rounds.isEmpty()) {
      text.append(ladder()).append('\n');
    }
    List<Ratio> ratios = Ratio.of(rounds);
    if (!ratios.isEmpty()) {
      text.append(ratioTable(ratios)).append('\n');
    }
    if (!operations.isEmpty()) {
      text.append(operationsTable()).append('\n');
    }
    if (!latencies.isEmpty()) {
      text.append(latencyTable()).append('\n');
    }
    scaleTables().forEach(table -> text.append(table).append('\n'));
    for (Rung rung : Rung.values()) {
      if (hotspots.containsKey(rung)) {
        text.append(hotspotTable(rung, hotspots.get(rung))).append('\n');
      }
    }
    return text.toString();
  }

  /** The same as data; every single measurement is in it. */
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("at", at.toString());
    json.put("machine", machine);
    json.put("workload", workload);
    List<Object> measurements = new ArrayList<>();
    for (int round = 0; round < rounds.size(); round++) {
      for (Measurement measurement : rounds.get(round)) {
        measurements.add(json(round + 1, measurement));
      }
    }
    json.put("measurements", measurements);
    List<Object> ratios = new ArrayList<>();
    for (Ratio ratio : Ratio.of(rounds)) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("of", ratio.of().label());
      entry.put("to", ratio.to().label());
      entry.put("rate", ratio.rate());
      entry.put("cpu", ratio.cpu());
      ratios.add(entry);
    }
    json.put("ratios", ratios);
    Map<String, Object> counted = new LinkedHashMap<>();
    operations.forEach((rung, found) -> counted.put(rung.label(), found));
    json.put("state_operations", counted);
    json.put("latencies", latencies);
    json.put("flatness", only(Scale.Flatness.class).stream().map(BenchReport::json).toList());
    json.put("processes", only(Scale.Processes.class));
    json.put("restores", only(Scale.Restore.class));
    json.put("takeovers", only(Scale.Takeover.class));
    Map<String, Object> profiles = new LinkedHashMap<>();
    hotspots.forEach((rung, found) -> profiles.put(rung.label(), found.shares()));
    json.put("profiles", profiles);
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json);
    } catch (IOException e) {
      throw new IllegalStateException("The report cannot be written as JSON", e);
    }
  }

  private static Map<String, Object> json(Scale.Flatness flatness) {
    Map<String, Object> entry = json(1, flatness.measurement());
    entry.put("runs", flatness.runs());
    entry.put("state_operations", flatness.operations());
    entry.put("memory", flatness.memory());
    entry.put("state_bytes", flatness.stateBytes());
    return entry;
  }

  private static Map<String, Object> json(int round, Measurement measurement) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("round", round);
    entry.put("rung", measurement.rung().label());
    entry.put("records", measurement.records());
    entry.put("seconds", measurement.used().wallNanos() / 1e9);
    entry.put("records_per_second", measurement.recordsPerSecond());
    entry.put("cpu_micros_per_record", measurement.cpuMicros());
    entry.put("server_cpu_micros_per_record", measurement.serverCpuMicros());
    entry.put("allocated_bytes_per_record", measurement.allocatedBytes());
    entry.put("per_record", measurement.written());
    return entry;
  }

  private MarkdownTable ladder() {
    MarkdownTable table =
        new MarkdownTable(
            "rung",
            "",
            ">spans/s",
            ">min-max",
            ">CPU µs/span",
            ">min-max",
            ">broker or database CPU µs/span",
            ">heap bytes/span",
            ">repartition records/span",
            ">repartition + changelog + output bytes/span");
    for (Rung rung : Rung.values()) {
      List<Measurement> all =
          rounds.stream().flatMap(List::stream).filter(each -> each.rung() == rung).toList();
      if (all.isEmpty()) {
        continue;
      }
      Spread rate = spread(all, Measurement::recordsPerSecond);
      Spread cpu = spread(all, Measurement::cpuMicros);
      table.row(
          rung.label(),
          rung.what(),
          whole(rate.median()),
          whole(rate.min()) + "-" + whole(rate.max()),
          tenth(cpu.median()),
          tenth(cpu.min()) + "-" + tenth(cpu.max()),
          tenth(spread(all, Measurement::serverCpuMicros).median()),
          whole(spread(all, Measurement::allocatedBytes).median()),
          tenth(spread(all, each -> each.written(Written.REPARTITION_RECORDS)).median()),
          whole(spread(all, each -> each.written(Written.REPARTITION_BYTES)).median())
              + " + "
              + whole(spread(all, each -> each.written(Written.CHANGELOG_BYTES)).median())
              + " + "
              + whole(spread(all, each -> each.written(Written.OUTPUT_BYTES)).median()));
    }
    return table;
  }

  private static MarkdownTable ratioTable(List<Ratio> ratios) {
    MarkdownTable table =
        new MarkdownTable("ratio", ">by spans/s", ">min-max", ">by CPU", ">min-max");
    for (Ratio ratio : ratios) {
      table.row(
          ratio.of().label() + " / " + ratio.to().label(),
          share(ratio.rate().median()),
          share(ratio.rate().min()) + "-" + share(ratio.rate().max()),
          share(ratio.cpu().median()),
          share(ratio.cpu().min()) + "-" + share(ratio.cpu().max()));
    }
    return table;
  }

  private MarkdownTable operationsTable() {
    MarkdownTable table =
        new MarkdownTable("asked of RocksDB per span", ">reads", ">writes", ">scans");
    long measured = rounds.get(0).get(0).records();
    for (Rung rung : Rung.values()) {
      if (operations.containsKey(rung)) {
        StateOperations all = operations.get(rung);
        table.row(
            rung.label(),
            tenth(all.reads() / (double) measured),
            tenth(all.writes() / (double) measured),
            tenth(all.scans() / (double) measured));
      }
    }
    return table;
  }

  private MarkdownTable latencyTable() {
    MarkdownTable table =
        new MarkdownTable(
            "from span to (p50 / p99 / max ms)",
            ">spans/s",
            ">sent/s",
            ">command of a rule on the run",
            ">on the agent",
            ">answer about the run",
            ">answer about the workflow",
            ">roll-up, read committed",
            ">seen",
            ">not seen");
    for (Latency latency : latencies) {
      List<Quantiles> all =
          List.of(
              latency.command(),
              latency.agentCommand(),
              latency.runQuery(),
              latency.scopeQuery(),
              latency.rollup());
      table.row(
          latency.delivery() + (latency.isSustained() ? "" : ", not sustained"),
          whole(latency.rate()),
          whole(latency.sentRate()),
          latency.command().toMillis(),
          latency.agentCommand().toMillis(),
          latency.runQuery().toMillis(),
          latency.scopeQuery().toMillis(),
          latency.rollup().toMillis(),
          counts(all.stream().map(Quantiles::count).toList()),
          counts(all.stream().map(each -> (long) each.missing()).toList()));
    }
    return table;
  }

  private <T extends Scale> List<T> only(Class<T> kind) {
    return scales.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private List<MarkdownTable> scaleTables() {
    MarkdownTable flatness =
        new MarkdownTable(
            "root runs at a time",
            ">spans/s",
            ">CPU µs/span",
            ">to the first",
            ">heap MiB",
            ">resident MiB",
            ">state MiB on disk",
            ">RocksDB reads + writes + scans/span");
    List<Scale.Flatness> byRuns = only(Scale.Flatness.class);
    for (Scale.Flatness each : byRuns) {
      StateOperations operations = each.operations();
      flatness.row(
          whole(each.runs()),
          whole(each.measurement().recordsPerSecond()),
          tenth(each.measurement().cpuMicros()),
          hundredth(each.to(byRuns.get(0))),
          mebibytes(each.memory().heapBytes()),
          mebibytes(each.memory().residentBytes()),
          mebibytes(each.stateBytes()),
          hundredth(each.perSpan(operations.reads()))
              + " + "
              + hundredth(each.perSpan(operations.writes()))
              + " + "
              + hundredth(each.perSpan(operations.scans())));
    }
    MarkdownTable processes =
        new MarkdownTable("processes", ">spans/s", ">CPU µs/span, all", ">broker CPU µs/span");
    for (Scale.Processes each : only(Scale.Processes.class)) {
      processes.row(
          String.valueOf(each.count()),
          whole(each.recordsPerSecond()),
          tenth(each.cpuMicros()),
          tenth(each.brokerCpuMicros()));
    }
    MarkdownTable restores =
        new MarkdownTable("restore: entries", ">bytes", ">s", ">entries/s", ">CPU s");
    for (Scale.Restore each : only(Scale.Restore.class)) {
      restores.row(
          whole(each.entries()),
          whole(each.bytes()),
          tenth(each.wallNanos() / 1e9),
          whole(each.entriesPerSecond()),
          tenth(each.cpuNanos() / 1e9));
    }
    MarkdownTable takeovers =
        new MarkdownTable("takeover: session ms", ">command p50 / p99 / max ms", ">no command");
    for (Scale.Takeover each : only(Scale.Takeover.class)) {
      takeovers.row(
          String.valueOf(each.sessionMs()),
          each.command().toMillis(),
          String.valueOf(each.command().missing()));
    }
    return Stream.of(flatness, processes, restores, takeovers)
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private static String counts(List<Long> counts) {
    return counts.stream().map(String::valueOf).collect(Collectors.joining(" + "));
  }

  private MarkdownTable hotspotTable(Rung rung, Hotspots found) {
    double cpu =
        rounds.stream()
            .flatMap(List::stream)
            .filter(each -> each.rung() == rung)
            .mapToDouble(Measurement::cpuMicros)
            .average()
            .orElse(Double.NaN);
    MarkdownTable table =
        new MarkdownTable("where the time of " + rung.label() + " goes", ">share", ">about µs");
    found
        .shares()
        .forEach(
            (part, share) -> table.row(part, Math.round(share * 100) + " %", tenth(share * cpu)));
    return table;
  }

  private static Spread spread(List<Measurement> all, ToDoubleFunction<Measurement> figure) {
    return Spread.of(all.stream().mapToDouble(figure).boxed().toList());
  }

  private static String number(Object value) {
    return value instanceof Number number ? whole(number.doubleValue()) : value.toString();
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String tenth(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  private static String hundredth(double value) {
    return String.format(Locale.ROOT, "%,.2f", value);
  }

  private static String mebibytes(long bytes) {
    return whole(bytes / (double) (1 << 20));
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
