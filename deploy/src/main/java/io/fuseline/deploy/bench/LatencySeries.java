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
  /**
   * At first the code is interpreted, and too much at once would only queue up; each for a fifth of
   * the time that is measured.
   */
  private static final List<Integer> WARM_UP_RATES = List.of(500, 1_000, 2_000, 4_000);

  /**
   * Then for twice as long as is measured: after 60,000 spans the compiler still takes half a core.
   */
  private static final int STEADY_RATE = 6_000;

  /** So short a time only shows that all works: it is not worth a long warm-up. */
  private static final Duration SHORT = Duration.ofSeconds(10);

  /** Before each further rate, so that it is not its beginning that is measured. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** The search for the highest rate: its first step, and how much faster each further one is. */
  private static final int LOWEST = 1_000;

  private static final double STEP = 1.4;
  private static final Duration TRIAL = Duration.ofSeconds(4);

  /** How often it is measured at a lower rate when a trial has promised too much. */
  private static final int STEPS_BACK = 2;

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
    cluster.apply(LatencySpans.AGENT_RULE);
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
    try (RungProcess pipeline =
        RungProcess.start(cluster.jvmOptions(), name, process(delivery, name, spans), folder)) {
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
          latencies.add(measureHighest(run, pipeline, delivery, latencies));
        }
      }
    }
    cluster.remove(name);
    LadderRun.delete(folder.resolve(name + "-state"));
    return latencies;
  }

  private void warmUp(LatencyRun run, Delivery delivery) {
    if (settings.time().compareTo(SHORT) < 0) {
      warmUp(run, delivery, LOWEST, settings.time());
      return;
    }
    for (int rate : WARM_UP_RATES) {
      warmUp(run, delivery, rate, settings.time().dividedBy(5));
    }
    warmUp(run, delivery, STEADY_RATE, settings.time().multipliedBy(2));
  }

  private void warmUp(LatencyRun run, Delivery delivery, int rate, Duration time) {
    progress.accept("latency, " + delivery + ": warm-up at " + rate + " spans/s");
    Quantiles commands = run.tryOut(rate, time).command();
    if (commands.count() == 0) {
      throw new BenchException(
          "No command came at %d spans/s within %d s: the machine is too busy for latencies"
              .formatted(rate, time.toSeconds()));
    }
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
    run.tryOut(rate, SETTLE);
    Latency latency = run.measure(rate, settings.time());
    if (!pipeline.isAlive()) {
      throw pipeline.failure("ended at " + rate + " spans/s");
    }
    progress.accept(latency.toString());
    return latency;
  }

  /**
   * At the highest rate that a trial says is sustained, or lower when it turns out that it is not.
   */
  private Latency measureHighest(
      LatencyRun run, RungProcess pipeline, Delivery delivery, List<Latency> measured) {
    double rate = highest(run, delivery, measured);
    Latency latency = measure(run, pipeline, delivery, (int) rate);
    for (int back = 0; back < STEPS_BACK && !latency.isSustained(); back++) {
      rate /= STEP;
      latency = measure(run, pipeline, delivery, (int) rate);
    }
    return latency;
  }

  /**
   * Goes up in steps, from what is known to be sustained, until a rate is not; the last that was.
   */
  private int highest(LatencyRun run, Delivery delivery, List<Latency> measured) {
    int sustained =
        measured.stream().filter(Latency::isSustained).mapToInt(Latency::rate).max().orElse(LOWEST);
    while (true) {
      int next = (int) (sustained * STEP);
      progress.accept("latency, " + delivery + ": are " + next + " spans/s sustained?");
      if (!run.tryOut(next, TRIAL).isSustained()) {
        return sustained;
      }
      sustained = next;
    }
  }

  private Properties process(Delivery delivery, String name, String spans) {
    Map<String, String> service = LadderRun.pipeline(cluster, name, spans, true, folder);
    service.put(ServiceSettings.COMMIT_MS, String.valueOf(delivery.commitMs()));
    if (!delivery.exactlyOnce()) {
      service.put(
          "kafka." + StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    }
    service.putAll(changes);
    return RungProcess.ungated(service);
  }
}
