package io.fuseline.deploy.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to measure.
 *
 * @param spans records in the topic that every rung reads, {@value #LEAST_SPANS} or more; the first
 *     quarter is warm-up, or one span of each run when those are more
 * @param shape how wide they are spread
 * @param repeats how often the ladder is climbed, 1 or more; medians are taken
 * @param rungs which rungs; empty: no spans are loaded
 * @param latency which latencies
 * @param pipeline settings of the pipeline that differ from those of a service, by name
 * @param profile where the recordings of one more run of each full rung go; empty: no profile
 * @param scale which runs at scale
 * @param othersClassPath class path of the programs that are not built with the rest; needed for
 *     their rungs
 * @param jvmOptions of each process that is measured
 * @param countsOperations whether each rung with state runs once more to count what it asks of
 *     RocksDB
 */
public record BenchSettings(
    int spans,
    WorkloadShape shape,
    int repeats,
    Set<Rung> rungs,
    LatencySettings latency,
    Map<String, String> pipeline,
    Optional<Path> profile,
    ScaleSettings scale,
    Optional<String> othersClassPath,
    List<String> jvmOptions,
    boolean countsOperations) {
  /** Fewer say nothing: they are over before the compiler is done. */
  public static final int LEAST_SPANS = 1_000;

  /** Options of the JVM of each process that is measured. */
  public static final List<String> JVM_OPTIONS = RungProcess.JVM_OPTIONS;

  /** Copies the collections and checks the ranges. */
  public BenchSettings {
    rungs = Set.copyOf(rungs);
    pipeline = Map.copyOf(pipeline);
    jvmOptions = List.copyOf(jvmOptions);
    if (spans < LEAST_SPANS) {
      throw new IllegalArgumentException(
          "spans is " + spans + ", expected " + LEAST_SPANS + " or more");
    }
    if (spans - shape.runsAtOnce() < LEAST_SPANS) {
      throw new IllegalArgumentException(
          "spans is %d and runs is %d; expected %d spans more than runs: each run begins in the warm-up"
              .formatted(spans, shape.runsAtOnce(), LEAST_SPANS));
    }
    if (othersClassPath.isEmpty() && rungs.stream().anyMatch(Rung::isOther)) {
      throw new IllegalArgumentException(
          "PG, PGS and FLINK are not built with the rest; use scripts/bench --against");
    }
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats is " + repeats + ", expected 1 or more");
    }
  }

  /** Records before the measured ones. */
  int warmUp() {
    return Math.max(spans / 4, shape.runsAtOnce());
  }
}
