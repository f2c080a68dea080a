package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.Latency.Delivery;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.service.ServiceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.streams.StreamsConfig;

/** Latencies at several rates, of a pipeline that is started anew for each way to deliver. */
final class LatencySeries {
  /** Time before the first latency is measured: the compiler has then seen the hot code. */
  private static final Duration WARM_UP = Duration.ofSeconds(8);

  private static final int WARM_UP_RATE = 500;
  private static final int WARM_UPS = 5;

  /** Before each further rate, to let go of what the rate before left in queues. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** The search for the highest rate: its first step, and how much faster each further one is. */
  private static final int LOWEST = 500;

  private static final double STEP = 1.5;
  private static final Duration TRIAL = Duration.ofSeconds(5);

  private final BenchCluster cluster;
  private final Path folder;
  private final LatencySettings settings;
  private final Map<String, String> changes;
  private final Consumer<String> progress;

  /**
   * @param changes settings of the pipeline that differ from those of a service
   */
  LatencySeries(
      BenchCluster cluster,
      Path folder,
      LatencySettings settings,
      Map<String, String> changes,
      Consumer<String> progress) {
    this.cluster = cluster;
    this.folder = folder;
    this.settings = settings;
    this.changes = changes;
    this.progress = progress;
  }

  List<Latency> measure() {
    List<Latency> latencies = new ArrayList<>();
    for (boolean exactlyOnce : settings.exactlyOnce()) {
      for (int commitMs : settings.commitMs()) {
        latencies.addAll(measure(new Delivery(exactlyOnce, commitMs)));
      }
    }
    return latencies;
  }

  private List<Latency> measure(Delivery delivery) {
    String name =
        "bench-latency-" + (delivery.exactlyOnce() ? "eos-" : "alo-") + delivery.commitMs();
    String spans = name + "." + Topics.defaults().agentSpans().name();
    Topics topics = Topics.load(cluster.topicsFile(name, spans));
    cluster.create(topics);
    List<Latency> latencies = new ArrayList<>();
    try (RungProcess pipeline = RungProcess.start(name, process(delivery, name, spans), folder)) {
      pipeline.awaitReady();
      pipeline.order(RungApplication.AWAIT);
      pipeline.reading();
      pipeline.order(RungApplication.PORT);
      try (LatencyRun run = new LatencyRun(cluster, topics, pipeline.port(), delivery)) {
        warmUp(run, delivery);
        for (int rate : settings.rates()) {
          latencies.add(measure(run, pipeline, delivery, rate));
        }
        if (settings.highest()) {
          latencies.add(measure(run, pipeline, delivery, highest(run, delivery)));
        }
      }
    }
    cluster.remove(name);
    LadderRun.delete(folder.resolve(name + "-state"));
    return latencies;
  }

  private void warmUp(LatencyRun run, Delivery delivery) {
    for (int attempt = 0; attempt < WARM_UPS; attempt++) {
      progress.accept("latency, " + delivery + ": warm-up at " + WARM_UP_RATE + " spans/s");
      Quantiles commands = run.measure(WARM_UP_RATE, WARM_UP).command();
      if (commands.count() > 0 && commands.missing() == 0) {
        return;
      }
    }
    throw new BenchException(
        "Of %d spans/s not all commands came, even after %d warm-ups: the machine is too busy for latencies"
            .formatted(WARM_UP_RATE, WARM_UPS));
  }

  private Latency measure(LatencyRun run, RungProcess pipeline, Delivery delivery, int rate) {
    progress.accept(
        "latency, "
            + delivery
            + ": "
            + rate
            + " spans/s for "
            + settings.time().toSeconds()
            + " s");
    run.measure(rate, SETTLE);
    Latency latency = run.measure(rate, settings.time());
    if (!pipeline.isAlive()) {
      throw pipeline.failure("ended at " + rate + " spans/s");
    }
    return latency;
  }

  /** Goes up in steps until a rate is not sustained; the last that was. */
  private int highest(LatencyRun run, Delivery delivery) {
    int sustained = LOWEST;
    for (double rate = LOWEST; ; rate *= STEP) {
      progress.accept("latency, " + delivery + ": is " + (int) rate + " spans/s sustained?");
      Latency trial = run.measure((int) rate, TRIAL);
      if (!trial.isSustained()) {
        return sustained;
      }
      sustained = (int) rate;
    }
  }

  private Properties process(Delivery delivery, String name, String spans) {
    Properties process = new Properties();
    process.setProperty(RungApplication.RUNG, Rung.L4P.name());
    process.setProperty(RungApplication.WARM_UP, "");
    Map<String, String> service = LadderRun.pipeline(cluster, name, spans, true, folder);
    service.put(ServiceSettings.COMMIT_MS, String.valueOf(delivery.commitMs()));
    if (!delivery.exactlyOnce()) {
      service.put(
          "kafka." + StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    }
    service.putAll(changes);
    service.forEach((key, value) -> process.setProperty(RungApplication.SERVICE + key, value));
    return process;
  }
}
