package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.BenchCluster.Load;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.topics.Topics;
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
import java.util.Properties;
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
  /**
   * Rate and time before the first latency is measured: the compiler has then seen the hot code.
   */
  private static final int WARM_UP_RATE = 2_000;

  private static final Duration WARM_UP = Duration.ofSeconds(8);

  /** Before each further rate, to let go of what the rate before left in queues. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

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
      BenchCluster cluster = new BenchCluster(stack, folder, admin);
      cluster.prepare();
      Load load = cluster.load(settings.spans(), settings.warmUp(), settings.shape(), err);
      LadderRun ladder = new LadderRun(cluster, load, folder, settings.pipeline(), err);
      List<List<Measurement>> rounds = new ArrayList<>();
      for (int round = 1; round <= settings.repeats(); round++) {
        say("round " + round + " of " + settings.repeats());
        List<Measurement> measurements = new ArrayList<>();
        for (Rung rung : Rung.values()) {
          if (settings.rungs().contains(rung)) {
            measurements.add(ladder.climb(rung, Watch.CLOCK).measurement());
          }
        }
        rounds.add(measurements);
      }
      Map<Rung, StateOperations> operations = operations(ladder);
      List<Latency> latencies = settings.rates().isEmpty() ? List.of() : latencies(cluster, folder);
      return new BenchReport(
          at, machine, facts(load), rounds, operations, latencies, profile(ladder));
    }
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

  private List<Latency> latencies(BenchCluster cluster, Path folder) {
    String name = LatencyRun.NAME;
    String spans = name + "." + Topics.defaults().agentSpans().name();
    Topics topics = Topics.load(cluster.topicsFile(name, spans));
    cluster.create(topics);
    Properties process = new Properties();
    process.setProperty(RungApplication.RUNG, Rung.L4P.name());
    process.setProperty(RungApplication.WARM_UP, "");
    LadderRun.pipeline(cluster, name, spans, true, folder)
        .forEach((key, value) -> process.setProperty(RungApplication.SERVICE + key, value));
    settings
        .pipeline()
        .forEach((key, value) -> process.setProperty(RungApplication.SERVICE + key, value));
    List<Latency> latencies = new ArrayList<>();
    try (RungProcess pipeline = RungProcess.start(name, process, folder);
        LatencyRun run = new LatencyRun(cluster, topics)) {
      pipeline.awaitReady();
      say("latency: warm-up at " + WARM_UP_RATE + " spans/s");
      run.measure(WARM_UP_RATE, WARM_UP);
      for (int rate : settings.rates()) {
        say("latency: " + rate + " spans/s for " + settings.latencyTime().toSeconds() + " s");
        run.measure(rate, SETTLE);
        latencies.add(run.measure(rate, settings.latencyTime()));
        if (!pipeline.isAlive()) {
          throw pipeline.failure("ended at " + rate + " spans/s");
        }
      }
    }
    return latencies;
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
    facts.put("partitions", BenchCluster.PARTITIONS);
    facts.put("repeats", settings.repeats());
    facts.put("commit_ms", Long.valueOf(LadderRun.COMMIT_MS));
    facts.putAll(new TreeMap<>(settings.pipeline()));
    facts.put("jvm", String.join(" ", RungProcess.JVM_OPTIONS));
    return facts;
  }

  private void say(String line) {
    err.println("bench: " + line);
    err.flush();
  }
}
