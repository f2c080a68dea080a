package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.BenchCluster.Load;
import io.fuseline.deploy.progress.Progress;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.service.ServiceSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/** Climbs rungs, each in a process of its own, on the same records from the beginning. */
final class LadderRun {
  /** As a service is run; the trade-off stands in {@link ServiceSettings}. */
  static final String COMMIT_MS = "500";

  /** By name: they are not on our class path. */
  private static final String POSTGRES = "io.fuseline.deploy.bench.PostgresCounters";

  private static final String FLINK = "io.fuseline.deploy.bench.FlinkSums";

  private final BenchCluster cluster;
  private final Load load;
  private final Path folder;
  private final Map<String, String> changes;
  private final Optional<String> othersClassPath;
  private final PrintWriter err;
  private int climbed;

  /**
   * @param changes settings of the pipeline that differ from those of a service
   * @param othersClassPath where the programs are that are not built with the rest
   */
  LadderRun(
      BenchCluster cluster,
      Load load,
      Path folder,
      Map<String, String> changes,
      Optional<String> othersClassPath,
      PrintWriter err) {
    this.cluster = cluster;
    this.load = load;
    this.folder = folder;
    this.changes = changes;
    this.othersClassPath = othersClassPath;
    this.err = err;
  }

  /**
   * Climbs one rung once.
   *
   * @param watch what it is watched by
   */
  Climb climb(Rung rung, Watch watch) {
    if (rung.isOther()) {
      return new Climb(climbOther(rung), Optional.empty(), Optional.empty());
    }
    String name = load.topic() + "-" + ++climbed + "-" + rung.label();
    Properties settings = settings(rung, name);
    watch
        .recording()
        .ifPresent(
            file ->
                settings.setProperty(RungApplication.RECORDING, file.toAbsolutePath().toString()));
    if (watch.counting()) {
      settings.setProperty(RungApplication.COUNTING, "true");
      settings.setProperty(
          RungApplication.SERVICE + "kafka.rocksdb.config.setter", CountingRocksDb.class.getName());
    }
    long measured = load.records() - load.warmUpRecords();
    String what = rung.label() + " " + rung.what();
    Measurement measurement;
    Optional<StateOperations> operations = Optional.empty();
    Optional<MemoryUse> memory = Optional.empty();
    try (RungProcess process = RungProcess.start(cluster.jvmOptions(), name, settings, folder);
        Progress progress = Progress.start(what, "spans", OptionalLong.of(load.records()), err)) {
      if (rung.kind() == Rung.Kind.LOOP) {
        Reading start = process.reading();
        long serverStart = cluster.brokerCpuNanos();
        progress.advance(load.warmUpRecords());
        Reading end = process.reading();
        progress.advance(measured);
        return new Climb(
            new Measurement(
                rung, measured, end.since(start), cluster.brokerCpuNanos() - serverStart, Map.of()),
            Optional.empty(),
            Optional.empty());
      }
      process.awaitReady();
      GroupProgress group = new GroupProgress(cluster.admin(), name);
      group.awaitDone(load.warmUp(), process, progress::advance);
      Map<String, Long> bytesBefore = group.bytesByTopic();
      long repartitionedBefore = group.repartitioned();
      Optional<StateOperations> operationsBefore = operations(process, watch);
      long serverStart = cluster.brokerCpuNanos();
      process.order(RungApplication.OPEN);
      Reading start = process.reading();
      group.awaitDone(load.ends(), process, new Further(load.warmUpRecords(), progress)::pass);
      process.order(RungApplication.READ);
      Reading used = process.reading().since(start);
      long serverUsed = cluster.brokerCpuNanos() - serverStart;
      operations = operations(process, watch).map(end -> end.since(operationsBefore.get()));
      memory = memory(process, watch);
      measurement =
          new Measurement(
              rung,
              measured,
              used,
              serverUsed,
              written(
                  name,
                  bytesBefore,
                  group.bytesByTopic(),
                  group.repartitioned() - repartitionedBefore,
                  measured));
    }
    Path state = folder.resolve(name + "-state");
    // Only now has it all been written to disk.
    Map<Written, Double> left = new EnumMap<>(Written.class);
    left.putAll(measurement.written());
    left.put(Written.STATE_BYTES, size(state) / (double) load.records());
    // Room for the next rung; after a failure everything goes anyway.
    cluster.remove(name);
    delete(state);
    return new Climb(measurement.with(left), operations, memory);
  }

  private Measurement climbOther(Rung rung) {
    String name = load.topic() + "-" + ++climbed + "-" + rung.label();
    Path state = folder.resolve(name + "-state");
    Measurement measurement;
    try (RungProcess process =
            RungProcess.start(
                cluster.jvmOptions(),
                name,
                switch (rung) {
                  case PG, PGS -> POSTGRES;
                  case FLINK -> FLINK;
                  default -> throw new IllegalArgumentException(rung + " is no other program");
                },
                othersClassPath.orElseThrow(),
                settings(rung, name),
                folder);
        Progress progress =
            Progress.start(
                rung.label() + " " + rung.what(), "spans", OptionalLong.of(load.records()), err)) {
      OtherReading start = process.otherReading();
      long serverStart = cluster.brokerCpuNanos();
      progress.advance(start.records());
      OtherReading end = process.otherReading();
      progress.advance(end.records() - start.records());
      measurement =
          new Measurement(
              rung,
              end.records() - start.records(),
              end.own().since(start.own()),
              cluster.brokerCpuNanos()
                  - serverStart
                  + end.serverCpuNanos()
                  - start.serverCpuNanos(),
              Map.of());
    }
    cluster.remove(name);
    delete(state);
    return measurement;
  }

  /**
   * One rung, climbed once.
   *
   * @param operations what it asked of its state in the measured part, when that was counted
   * @param memory what it held at the end, when its operations were counted
   */
  record Climb(
      Measurement measurement, Optional<StateOperations> operations, Optional<MemoryUse> memory) {}

  private static Optional<MemoryUse> memory(RungProcess process, Watch watch) {
    if (!watch.counting()) {
      return Optional.empty();
    }
    process.order(RungApplication.MEMORY);
    return Optional.of(process.memory());
  }

  private static Optional<StateOperations> operations(RungProcess process, Watch watch) {
    if (!watch.counting()) {
      return Optional.empty();
    }
    process.order(RungApplication.COUNT);
    return Optional.of(process.operations());
  }

  /** Counts from zero again when the group is watched a second time. */
  private static final class Further {
    private final Progress progress;
    private long known;

    Further(long known, Progress progress) {
      this.known = known;
      this.progress = progress;
    }

    void pass(long more) {
      long counted = Math.min(known, more);
      known -= counted;
      progress.advance(more - counted);
    }
  }

  Properties settings(Rung rung, String name) {
    Properties settings = new Properties();
    cluster.clientSettings().forEach((key, value) -> settings.setProperty(key, value.toString()));
    settings.setProperty(RungApplication.RUNG, rung.name());
    settings.setProperty(RungApplication.SPANS_TOPIC, load.topic());
    settings.setProperty(RungApplication.COPY_TOPIC, BenchCluster.COPY);
    settings.setProperty(RungApplication.MODEL_PRICES_TOPIC, BenchCluster.MODEL_PRICES);
    settings.setProperty(
        RungApplication.WARM_UP,
        IntStream.range(0, BenchCluster.PARTITIONS)
            .mapToObj(partition -> new TopicPartition(load.topic(), partition))
            .map(partition -> load.warmUp().get(partition).toString())
            .collect(Collectors.joining(",")));
    settings.setProperty(RungApplication.APPLICATION_ID, name);
    settings.setProperty(RungApplication.STATE_DIR, folder.resolve(name + "-state").toString());
    settings.setProperty(RungApplication.COMMIT_MS, COMMIT_MS);
    if (rung.kind() == Rung.Kind.PIPELINE) {
      cluster.create(Topics.load(cluster.topicsFile(name, load.topic())));
      pipeline(cluster, name, load.topic(), rung == Rung.L4P, folder)
          .forEach((key, value) -> settings.setProperty(RungApplication.SERVICE + key, value));
      changes.forEach((key, value) -> settings.setProperty(RungApplication.SERVICE + key, value));
    }
    return settings;
  }

  /** Settings of the pipeline: its defaults, with one thread and a gate. */
  static Map<String, String> pipeline(
      BenchCluster cluster, String name, String spans, boolean pricedSpans, Path folder) {
    Map<String, String> service = new LinkedHashMap<>();
    cluster.clientSettings().forEach((key, value) -> service.put(key, value.toString()));
    service.put(ServiceSettings.APPLICATION_ID, name);
    service.put(ServiceSettings.STATE_DIR, folder.resolve(name + "-state").toString());
    service.put(ServiceSettings.TOPICS_FILE, cluster.topicsFile(name, spans).toString());
    service.put(ServiceSettings.THREADS, "1");
    service.put(ServiceSettings.HTTP_PORT, "0");
    service.put(ServiceSettings.COMMIT_MS, COMMIT_MS);
    service.put(ServiceSettings.PRICED_SPANS, String.valueOf(pricedSpans));
    service.put("kafka.default.client.supplier", GatedClients.class.getName());
    // Sizes are read from the broker at the end: nothing may be purged before.
    service.put("kafka.repartition.purge.interval.ms", "3600000");
    return service;
  }

  private static Map<Written, Double> written(
      String name,
      Map<String, Long> before,
      Map<String, Long> after,
      long repartitioned,
      long records) {
    Map<Written, Double> perSpan = new EnumMap<>(Written.class);
    after.forEach(
        (topic, size) -> {
          boolean own = topic.startsWith(name) || topic.equals(BenchCluster.COPY);
          if (own) {
            double grown = size - before.getOrDefault(topic, 0L);
            perSpan.merge(kind(topic), grown / records, Double::sum);
          }
        });
    perSpan.put(Written.REPARTITION_RECORDS, repartitioned / (double) records);
    return perSpan;
  }

  private static Written kind(String topic) {
    if (topic.endsWith("-changelog")) {
      return Written.CHANGELOG_BYTES;
    }
    return topic.endsWith("-repartition") ? Written.REPARTITION_BYTES : Written.OUTPUT_BYTES;
  }

  private static long size(Path folder) {
    if (!Files.exists(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot measure " + folder, e);
    }
  }

  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + folder, e);
    }
  }
}
