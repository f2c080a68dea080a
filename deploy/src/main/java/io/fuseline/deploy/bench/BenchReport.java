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

/** What was measured, to be read by people and by programs. */
public final class BenchReport {
  private final Instant at;
  private final Machine machine;
  private final Map<String, Object> workload;
  private final List<List<Measurement>> rounds;
  private final Map<Rung, StateOperations> operations;
  private final List<Latency> latencies;
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
      Map<Rung, Hotspots> hotspots) {
    this.at = at;
    this.machine = machine;
    this.workload = new LinkedHashMap<>(workload);
    this.rounds = rounds.stream().map(List::copyOf).toList();
    this.operations = Map.copyOf(operations);
    this.latencies = List.copyOf(latencies);
    this.hotspots = Map.copyOf(hotspots);
  }

  /** Tables in Markdown that read well on a terminal too. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    text.append(at).append("  \n").append(machine).append("  \n");
    List<String> facts = new ArrayList<>();
    workload.forEach((name, value) -> facts.add(name + " " + number(value)));
    text.append(String.join(", ", facts)).append("\n\n");
    text.append(ladder()).append('\n');
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
    Map<String, Object> profiles = new LinkedHashMap<>();
    hotspots.forEach((rung, found) -> profiles.put(rung.label(), found.shares()));
    json.put("profiles", profiles);
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json);
    } catch (IOException e) {
      throw new IllegalStateException("The report cannot be written as JSON", e);
    }
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
            ">broker CPU µs/span",
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
            "span to command",
            ">sent/s",
            ">commands",
            ">p50 ms",
            ">p99 ms",
            ">max ms",
            ">no command");
    for (Latency latency : latencies) {
      table.row(
          latency.rate() + " spans/s",
          whole(latency.sentRate()),
          String.valueOf(latency.commands()),
          tenth(latency.p50Millis()),
          tenth(latency.p99Millis()),
          tenth(latency.maxMillis()),
          String.valueOf(latency.unanswered()));
    }
    return table;
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

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
