package io.fuseline.stream.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The registry behind {@code /metrics}: the pipeline's own meters, the JVM's basics, and of Kafka
 * Streams' many hundred meters those on the allow-list, since each is a series per thread, task or
 * store.
 */
public final class PrometheusMetrics implements AutoCloseable {
  private static final String KAFKA = "kafka.";

  /**
   * Kafka's meters that are shown, by Micrometer's names; the comments say what an operator reads
   * from them.
   */
  private static final Set<String> KAFKA_ALLOWED =
      Set.of(
          // Is it running? Threads that died are not replaced.
          "kafka.stream.alive.stream.threads",
          "kafka.stream.failed.stream.threads",
          // Is it keeping up? Records not yet read, and the rate of reading.
          "kafka.consumer.fetch.manager.records.lag.max",
          "kafka.consumer.fetch.manager.records.consumed.total",
          // Where does the time of a stream thread go? Shares of 0 to 1, which sum to about 1.
          "kafka.stream.thread.poll.ratio",
          "kafka.stream.thread.process.ratio",
          "kafka.stream.thread.commit.ratio",
          "kafka.stream.thread.punctuate.ratio",
          "kafka.stream.thread.process.total",
          "kafka.stream.thread.commit.latency.avg",
          "kafka.stream.thread.commit.latency.max",
          // Records skipped by the library itself, beside our dead letters.
          "kafka.stream.task.dropped.records.total",
          // Is the group stable?
          "kafka.consumer.coordinator.rebalance.total",
          "kafka.consumer.coordinator.failed.rebalance.total",
          "kafka.consumer.coordinator.last.rebalance.seconds.ago",
          // Restoring and standbys: how much is left before a store can answer.
          "kafka.stream.state.updater.restore.records.rate",
          "kafka.stream.state.updater.active.restoring.tasks",
          // RocksDB's memory, disk and stalls.
          "kafka.stream.state.block.cache.usage",
          "kafka.stream.state.size.all.mem.tables",
          "kafka.stream.state.total.sst.files.size",
          "kafka.stream.state.num.running.compactions",
          "kafka.stream.state.estimate.num.keys",
          // Is the output held up?
          "kafka.producer.record.error.total",
          "kafka.producer.record.send.total",
          "kafka.producer.request.latency.avg",
          "kafka.producer.buffer.available.bytes",
          "kafka.producer.txn.commit.time.ns.total");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final FuselineMetrics fuseline;
  private KafkaStreamsMetrics streams;

  /**
   * @param currency ISO 4217 currency of the money among the meters
   */
  public PrometheusMetrics(String currency) {
    registry.config().meterFilter(MeterFilter.deny(PrometheusMetrics::isUnwanted));
    fuseline = new FuselineMetrics(registry, currency);
    garbageCollection.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** The pipeline's own meters. */
  public FuselineMetrics fuseline() {
    return fuseline;
  }

  /** For meters of others, such as a sink's; Kafka's own pass the allow-list. */
  public MeterRegistry registry() {
    return registry;
  }

  /**
   * Shows the allowed meters of {@code kafkaStreams} from now on; call it once, before or after the
   * start.
   *
   * @throws IllegalStateException when called twice
   */
  public synchronized void bind(KafkaStreams kafkaStreams) {
    if (streams != null) {
      throw new IllegalStateException(
          "Kafka Streams is bound already; one registry shows one instance");
    }
    streams = new KafkaStreamsMetrics(kafkaStreams);
    streams.bindTo(registry);
  }

  /** The current values in Prometheus' text format 0.0.4. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public synchronized void close() {
    if (streams != null) {
      streams.close();
    }
    garbageCollection.close();
    registry.close();
  }

  private static boolean isUnwanted(Meter.Id id) {
    return id.getName().startsWith(KAFKA) && !KAFKA_ALLOWED.contains(id.getName());
  }
}
