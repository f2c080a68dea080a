package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.BenchCluster.Load;
import io.fuseline.deploy.bench.Latency.Delivery;
import io.fuseline.deploy.progress.Progress;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.service.ServiceSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.StreamsConfig;

/** The whole pipeline on more than one process, after a loss of its state, and after a kill. */
final class ScaleRun {
  private static final int TAKEOVER_RATE = 100;

  private final BenchCluster cluster;
  private final LadderRun ladder;
  private final Load load;
  private final Path folder;
  private final PrintWriter err;
  private int runs;

  ScaleRun(BenchCluster cluster, LadderRun ladder, Load load, Path folder, PrintWriter err) {
    this.cluster = cluster;
    this.ladder = ladder;
    this.load = load;
    this.folder = folder;
    this.err = err;
  }

  /**
   * Works off all spans with several processes.
   *
   * @param count 1 or more
   */
  Scale.Processes processes(int count) {
    String name = "bench-processes-" + count + "-" + ++runs;
    Properties settings = ladder.settings(Rung.L4, name);
    // Tasks are spread at once. Else they stay for ten minutes with the process that came first,
    // since its state is ahead.
    settings.setProperty(
        RungApplication.SERVICE + "kafka." + StreamsConfig.ACCEPTABLE_RECOVERY_LAG_CONFIG,
        String.valueOf(Long.MAX_VALUE));
    List<RungProcess> processes = new ArrayList<>();
    try (Progress progress =
        Progress.start(
            "L4 in " + count + " processes", "spans", OptionalLong.of(load.records()), err)) {
      for (int index = 0; index < count; index++) {
        processes.add(start(cluster, folder, name, index, settings));
      }
      GroupProgress group = new GroupProgress(cluster.admin(), name);
      group.awaitDone(load.warmUp(), processes.get(0), progress::advance);
      long brokerBefore = cluster.brokerCpuNanos();
      List<Reading> before = new ArrayList<>();
      for (RungProcess process : processes) {
        process.order(RungApplication.OPEN);
        before.add(process.reading());
      }
      group.awaitDone(load.ends(), processes.get(0), done -> {});
      long wall = 0;
      long cpu = 0;
      for (int index = 0; index < count; index++) {
        processes.get(index).order(RungApplication.READ);
        Reading used = processes.get(index).reading().since(before.get(index));
        wall = Math.max(wall, used.wallNanos());
        cpu += used.cpuNanos();
      }
      long measured = load.records() - load.warmUpRecords();
      progress.advance(measured);
      return new Scale.Processes(
          count, measured, wall, cpu, cluster.brokerCpuNanos() - brokerBefore);
    } finally {
      processes.forEach(RungProcess::close);
      cleanUp(cluster, folder, name, count);
    }
  }

  /** Works off all spans, throws the local state away and starts again. */
  Scale.Restore restore() {
    String name = "bench-restore-" + ++runs;
    GroupProgress group = new GroupProgress(cluster.admin(), name);
    Properties settings = ladder.settings(Rung.L4, name);
    settings.setProperty(RungApplication.WARM_UP, "");
    try (RungProcess process = start(cluster, folder, name, 0, settings);
        Progress progress =
            Progress.start("state to restore", "spans", OptionalLong.of(load.records()), err)) {
      group.awaitDone(load.ends(), process, progress::advance);
    }
    LadderRun.delete(state(folder, name, 0));
    long entries = group.changelogged();
    long bytes =
        group.bytesByTopic().entrySet().stream()
            .filter(
                topic -> topic.getKey().startsWith(name) && topic.getKey().endsWith("changelog"))
            .mapToLong(Map.Entry::getValue)
            .sum();
    try (RungProcess process = start(cluster, folder, name, 0, settings)) {
      process.order(RungApplication.READ);
      Reading begin = process.reading();
      process.order(RungApplication.AWAIT);
      Reading used = process.reading().since(begin);
      return new Scale.Restore(entries, bytes, used.wallNanos(), used.cpuNanos());
    } finally {
      cleanUp(cluster, folder, name, 1);
    }
  }

  /**
   * Kills one of two processes while spans come.
   *
   * @param sessionMs after which silence of the one the other takes over
   * @param time how long spans come; a quarter of it before is warm-up, and after another the one
   *     is killed
   * @param changes settings of the pipeline that differ from those of a service
   */
  static Scale.Takeover takeover(
      BenchCluster cluster,
      Path folder,
      int sessionMs,
      Duration time,
      Map<String, String> changes) {
    String name = "bench-takeover-" + sessionMs;
    String spans = name + "." + Topics.defaults().agentSpans().name();
    Topics topics = Topics.load(cluster.topicsFile(name, spans));
    cluster.create(topics);
    Map<String, String> service = LadderRun.pipeline(cluster, name, spans, true, folder);
    service.put(ServiceSettings.STANDBYS, "1");
    service.put(ServiceSettings.SESSION_MS, String.valueOf(sessionMs));
    service.putAll(changes);
    Properties settings = RungProcess.ungated(service);
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    try (RungProcess victim = start(cluster, folder, name, 0, settings);
        RungProcess survivor = start(cluster, folder, name, 1, settings)) {
      survivor.order(RungApplication.AWAIT);
      survivor.reading();
      survivor.order(RungApplication.PORT);
      int port = survivor.port();
      try (LatencyRun run = new LatencyRun(cluster, topics, port, new Delivery(true, 500))) {
        run.tryOut(TAKEOVER_RATE, time.dividedBy(4));
        var kill = later.schedule(victim::kill, time.toMillis() / 4, TimeUnit.MILLISECONDS);
        Latency latency = run.tryOut(TAKEOVER_RATE, time);
        if (!kill.isDone()) {
          throw new BenchException("The process was not killed in time");
        }
        return new Scale.Takeover(sessionMs, latency.command());
      }
    } finally {
      later.shutdownNow();
      cleanUp(cluster, folder, name, 2);
    }
  }

  private static RungProcess start(
      BenchCluster cluster, Path folder, String name, int index, Properties settings) {
    Properties own = new Properties();
    own.putAll(settings);
    own.setProperty(
        RungApplication.SERVICE + ServiceSettings.STATE_DIR, state(folder, name, index).toString());
    RungProcess process =
        RungProcess.start(cluster.jvmOptions(), name + "-process-" + index, own, folder);
    process.awaitReady();
    return process;
  }

  private static Path state(Path folder, String name, int index) {
    return folder.resolve(name + "-state-" + index);
  }

  private static void cleanUp(BenchCluster cluster, Path folder, String name, int processes) {
    cluster.remove(name);
    for (int index = 0; index < processes; index++) {
      LadderRun.delete(state(folder, name, index));
    }
  }
}
