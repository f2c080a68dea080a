package io.fuseline.deploy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a rung's time goes, by a flight recording. Each sample counts for the first part that knows
 * one of its frames, from the innermost outwards; the compiler and the collector are not sampled.
 *
 * @param shares of all samples, 0 to 1, by part, the greatest first
 */
record Hotspots(Map<String, Double> shares) {
  private static final String OTHER = "other";

  /** Native code is sampled half as often as Java code. */
  private static final Map<String, Integer> WEIGHTS =
      Map.of("jdk.ExecutionSample", 1, "jdk.NativeMethodSample", 2);

  /** A part, and the frames it is known by: beginnings of {@code class.method}. */
  private record Part(String name, List<String> frames) {
    boolean knows(String frame) {
      return frames.stream().anyMatch(frame::startsWith);
    }
  }

  private static final List<Part> PARTS =
      List.of(
          new Part("RocksDB", List.of("org.rocksdb.")),
          new Part(
              "Avro: spans in, records out", List.of("org.apache.avro.", "io.fuseline.schemas.")),
          new Part("check of the span", List.of("io.fuseline.enrichment.span.")),
          new Part("price", List.of("io.fuseline.enrichment.price.")),
          new Part(
              "state to bytes and back",
              List.of(
                  "io.fuseline.stream.judge.BinaryIn",
                  "io.fuseline.stream.judge.BinaryOut",
                  "io.fuseline.stream.judge.CellKey.toBytes",
                  "io.fuseline.stream.judge.CellKey.fromBytes",
                  "io.fuseline.stream.judge.ScopeKey.toBytes",
                  "io.fuseline.stream.judge.ScopeKey.fromBytes",
                  "io.fuseline.stream.judge.Cell.read",
                  "io.fuseline.stream.judge.Cell.write",
                  "io.fuseline.stream.judge.Cell.toBytes",
                  "io.fuseline.stream.judge.Cell.fromBytes",
                  "io.fuseline.stream.judge.Delta.toBytes",
                  "io.fuseline.stream.judge.Delta.fromBytes",
                  "io.fuseline.stream.judge.DeltaSum.toBytes",
                  "io.fuseline.stream.judge.DeltaSum.fromBytes",
                  "io.fuseline.stream.judge.RunState.toBytes",
                  "io.fuseline.stream.judge.RunState.fromBytes",
                  "io.fuseline.stream.judge.ScopeState.toBytes",
                  "io.fuseline.stream.judge.ScopeState.fromBytes",
                  "io.fuseline.stream.judge.SpanRecord.toBytes",
                  "io.fuseline.stream.judge.SpanRecord.fromBytes",
                  "io.fuseline.stream.topology.StateSerde")),
          new Part(
              "kept spans and ids seen",
              List.of(
                  "io.fuseline.stream.judge.SpanRecord",
                  "io.fuseline.stream.judge.SeenSpans",
                  "io.fuseline.stream.judge.SpanKeys")),
          new Part(
              "deltas added up",
              List.of(
                  "io.fuseline.stream.judge.Deltas",
                  "io.fuseline.stream.judge.DeltaSum",
                  "io.fuseline.stream.judge.Delta.")),
          new Part(
              "detectors",
              List.of(
                  "io.fuseline.stream.judge.RunDetectors",
                  "io.fuseline.stream.judge.AgentDetectors",
                  "io.fuseline.stream.judge.CallWindow",
                  "io.fuseline.stream.judge.CycleState",
                  "io.fuseline.stream.judge.SpanSigns",
                  "io.fuseline.stream.judge.TokenTrend",
                  "io.fuseline.stream.judge.ToolUse",
                  "io.fuseline.stream.judge.Baseline",
                  "io.fuseline.stream.judge.SpendPace",
                  "io.fuseline.stream.judge.CostShift",
                  "io.fuseline.stream.judge.ModelUse")),
          new Part(
              "budgets and policies",
              List.of(
                  "io.fuseline.stream.policy.",
                  "io.fuseline.stream.judge.Budgets",
                  "io.fuseline.stream.judge.RunBudgets",
                  "io.fuseline.stream.judge.OutcomeBudgets",
                  "io.fuseline.stream.judge.Ladder",
                  "io.fuseline.stream.judge.Standing")),
          new Part(
              "runs: booked and judged",
              List.of(
                  "io.fuseline.stream.judge.Run",
                  "io.fuseline.stream.judge.SpanFacts",
                  "io.fuseline.stream.judge.SpanReader",
                  "io.fuseline.stream.topology.RunProcessor",
                  "io.fuseline.stream.topology.Arrival")),
          new Part(
              "scopes: booked and judged",
              List.of(
                  "io.fuseline.stream.judge.Scope",
                  "io.fuseline.stream.judge.Cell",
                  "io.fuseline.stream.judge.Rollups",
                  "io.fuseline.stream.topology.ScopeProcessor")),
          new Part("state kept as objects", List.of("io.fuseline.stream.topology.DecodedStore")),
          new Part(
              "judging, the rest",
              List.of("io.fuseline.stream.judge.", "io.fuseline.stream.topology.")),
          new Part(
              "metrics",
              List.of(
                  "io.micrometer.",
                  "io.fuseline.stream.metrics.",
                  "org.apache.kafka.common.metrics.",
                  "org.apache.kafka.streams.processor.internals.metrics.",
                  "org.apache.kafka.streams.state.internals.metrics.")),
          new Part(
              "record cache",
              List.of(
                  "org.apache.kafka.streams.state.internals.ThreadCache",
                  "org.apache.kafka.streams.state.internals.NamedCache",
                  "org.apache.kafka.streams.state.internals.LRUCacheEntry",
                  "org.apache.kafka.streams.state.internals.CachingKeyValueStore")),
          new Part("state store layers", List.of("org.apache.kafka.streams.state.")),
          new Part("compression", List.of("org.apache.kafka.common.compress.", "net.jpountz.")),
          new Part(
              "producer: changelog, repartition, output",
              List.of(
                  "org.apache.kafka.clients.producer.",
                  "org.apache.kafka.streams.processor.internals.RecordCollector",
                  "org.apache.kafka.streams.processor.internals.StreamsProducer")),
          new Part(
              "choosing the next task",
              List.of(
                  "org.apache.kafka.streams.processor.internals.PartitionGroup.readyToProcess",
                  "org.apache.kafka.streams.processor.internals.TaskExecutionMetadata",
                  "org.apache.kafka.streams.processor.internals.StreamTask.isProcessable")),
          new Part(
              "consumer",
              List.of(
                  "org.apache.kafka.clients.consumer.",
                  "org.apache.kafka.streams.processor.internals.RecordQueue",
                  "org.apache.kafka.streams.processor.internals.PartitionGroup",
                  "org.apache.kafka.streams.processor.internals.RecordDeserializer",
                  "org.apache.kafka.streams.processor.internals.SourceNode.deserialize")),
          new Part("Streams: loop and forwarding", List.of("org.apache.kafka.streams.")),
          new Part("network and requests", List.of("org.apache.kafka.", "sun.nio.ch.")));

  Hotspots {
    shares = new LinkedHashMap<>(shares);
  }

  /**
   * Reads a recording.
   *
   * @throws BenchException when it cannot be read or holds no sample
   */
  static Hotspots of(Path recording) {
    Map<String, Integer> samples = new HashMap<>();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        Integer weight = WEIGHTS.get(event.getEventType().getName());
        if (weight != null && event.getStackTrace() != null) {
          List<String> frames = new ArrayList<>();
          for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            frames.add(frame.getMethod().getType().getName() + "." + frame.getMethod().getName());
          }
          boolean inNative = weight > 1;
          if (!inNative || isWork(frames)) {
            samples.merge(partOf(frames), weight, Integer::sum);
          }
        }
      }
    } catch (IOException e) {
      throw new BenchException("Cannot read the recording " + recording, e);
    }
    int all = samples.values().stream().mapToInt(Integer::intValue).sum();
    if (all == 0) {
      throw new BenchException("The recording " + recording + " holds no sample");
    }
    Map<String, Double> shares = new LinkedHashMap<>();
    samples.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> shares.put(entry.getKey(), entry.getValue() / (double) all));
    return new Hotspots(shares);
  }

  /** Most threads that stand in native code wait there; those in RocksDB work. */
  private static boolean isWork(List<String> frames) {
    return !frames.isEmpty() && frames.get(0).startsWith("org.rocksdb.");
  }

  static String partOf(List<String> frames) {
    for (String frame : frames) {
      for (Part part : PARTS) {
        if (part.knows(frame)) {
          return part.name();
        }
      }
    }
    return OTHER;
  }
}
