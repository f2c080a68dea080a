package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.BenchCluster.Load;
import io.fuseline.deploy.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures on a broker and a registry of its own, started for the purpose and removed afterwards.
 */
public final class Bench {
  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
  private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

  private final BenchSettings settings;
  private final PrintWriter err;

  private Bench(BenchSettings settings, PrintWriter err) {
    this.settings = settings;
    this.err = err;
  }

  /**
   * Measures; takes minutes.
   *
   * @param err gets the progress
   * @throws BenchException when a step fails
   * @throws io.fuseline.deploy.stack.StackException when broker or registry do not start
   */
  public static BenchReport run(BenchSettings settings, PrintWriter err) {
    return inTemporaryFolder(folder -> new Bench(settings, err).measure(folder));
  }

  /** Does work whose folder, and whose processes, go when it ends, also by Ctrl-C. */
  static <T> T inTemporaryFolder(Function<Path, T> measuring) {
    Path folder;
    try {
      folder = Files.createTempDirectory("fuseline-bench-");
    } catch (IOException e) {
      throw new UncheckedIOException("No temporary folder can be made", e);
    }
    Thread work = Thread.currentThread();
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean told = new AtomicBoolean();
    Thread hook =
        new Thread(
            () -> {
              told.set(true);
              stop(work, done);
            },
            "stop-bench");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return measuring.apply(folder);
    } catch (RuntimeException e) {
      throw told.get() ? new BenchException("Stopped before all was measured.", e) : e;
    } finally {
      LadderRun.delete(folder);
      done.countDown();
      forget(hook);
    }
  }

  /** Ctrl-C: nothing is to be kept, so all processes end at once and the folder goes. */
  private static void stop(Thread work, CountDownLatch done) {
    work.interrupt();
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    try {
      if (!done.await(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("The temporary folder may still be there");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // It is at work.
    }
  }

  private BenchReport measure(Path folder) {
    Machine machine = Machine.current();
    Instant at = Instant.now();
    try (LocalStack stack = LocalStack.start(folder.resolve("stack"), this::say);
        Admin admin =
            Admin.create(
                Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()))) {
      BenchCluster cluster = new BenchCluster(stack, folder, admin, settings.jvmOptions());
      cluster.prepare();
      Map<String, Object> facts = facts();
      List<List<Measurement>> rounds = new ArrayList<>();
      Map<Rung, StateOperations> operations = Map.of();
      Map<Rung, Hotspots> hotspots = Map.of();
      List<Scale> scales = new ArrayList<>();
      if (!settings.rungs().isEmpty() || settings.scale().needsSpans()) {
        Load load = cluster.load(settings.spans(), settings.warmUp(), settings.shape(), err);
        facts.putAll(facts(load));
        facts.put(
            "stored_bytes_per_span",
            new GroupProgress(admin, "").bytesByTopic().getOrDefault(load.topic(), 0L)
                / (double) load.records());
        LadderRun ladder =
            new LadderRun(
                cluster, load, folder, settings.pipeline(), settings.othersClassPath(), err);
        rounds.addAll(rounds(ladder));
        operations = operations(ladder);
        hotspots = profile(ladder);
        ScaleRun scale = new ScaleRun(cluster, ladder, load, folder, err);
        settings.scale().processes().forEach(count -> add(scale.processes(count), scales));
        if (settings.scale().restore()) {
          add(scale.restore(), scales);
        }
      }
      settings
          .scale()
          .runsAtOnce()
          .forEach(runs -> add(new FlatnessRun(cluster, folder, settings, err).of(runs), scales));
      for (int sessionMs : settings.scale().takeoverSessionMs()) {
        say("takeover with a session of " + sessionMs + " ms");
        add(
            ScaleRun.takeover(
                cluster,
                folder,
                sessionMs,
                settings.latency().time().multipliedBy(2),
                settings.pipeline()),
            scales);
      }
      LatencySettings latency = settings.latency();
      List<Latency> latencies =
          latency.isNone()
              ? List.of()
              : new LatencySeries(cluster, folder, latency, settings.pipeline(), this::say)
                  .measure();
      return new BenchReport(at, machine, facts, rounds, operations, latencies, scales, hotspots);
    }
  }

  /** Told at once, too: what comes after may fail. */
  private void add(Scale measured, List<Scale> scales) {
    say(measured.toString());
    scales.add(measured);
  }

  private List<List<Measurement>> rounds(LadderRun ladder) {
    List<List<Measurement>> rounds = new ArrayList<>();
    for (int round = 1; round <= settings.repeats(); round++) {
      say("round " + round + " of " + settings.repeats());
      List<Measurement> measurements = new ArrayList<>();
      for (Rung rung : Rung.values()) {
        if (settings.rungs().contains(rung)) {
          Measurement measurement = ladder.climb(rung, Watch.CLOCK).measurement();
          say(measurement.toString());
          measurements.add(measurement);
        }
      }
      rounds.add(measurements);
    }
    return rounds;
  }

  private Map<Rung, StateOperations> operations(LadderRun ladder) {
    Map<Rung, StateOperations> operations = new EnumMap<>(Rung.class);
    if (settings.countsOperations()) {
      for (Rung rung : Rung.values()) {
        if (settings.rungs().contains(rung) && rung.isStateful()) {
          say("state operations of " + rung.label());
          operations.put(rung, ladder.climb(rung, Watch.COUNTERS).operations().orElseThrow());
        }
      }
    }
    return operations;
  }

  private Map<Rung, Hotspots> profile(LadderRun ladder) {
    Map<Rung, Hotspots> hotspots = new EnumMap<>(Rung.class);
    if (settings.profile().isPresent()) {
      Path target = settings.profile().get();
      try {
        Files.createDirectories(target);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot make the folder " + target, e);
      }
      for (Rung rung : Rung.values()) {
        if (settings.rungs().contains(rung) && rung.kind() == Rung.Kind.PIPELINE) {
          Path recording = target.resolve(rung.label() + ".jfr");
          say("profile of " + rung.label() + " to " + recording);
          ladder.climb(rung, Watch.recorder(recording));
          hotspots.put(rung, Hotspots.of(recording));
        }
      }
    }
    return hotspots;
  }

  private Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>(new TreeMap<>(settings.pipeline()));
    facts.put("partitions", BenchCluster.PARTITIONS);
    facts.put("jvm", String.join(" ", settings.jvmOptions()));
    return facts;
  }

  private Map<String, Object> facts(Load load) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("spans", load.records());
    facts.put("warm_up", load.warmUpRecords());
    facts.put("root_runs", load.runs());
    facts.put("root_runs_at_once", settings.shape().runsAtOnce());
    facts.put("agents", settings.shape().agents());
    facts.put("skew", String.valueOf(settings.shape().skew()));
    facts.put("bytes_per_span", load.bytes());
    facts.put("repeats", settings.repeats());
    facts.put("commit_ms", Long.valueOf(LadderRun.COMMIT_MS));
    return facts;
  }

  private void say(String line) {
    err.println("bench: " + line);
    err.flush();
  }
}
