package io.fuseline.stream.topology;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.admission.Blindness;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.metrics.FuselineMetrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second how far this instance follows what is spent: whether its tasks are assigned
 * and at work, whether the broker answers, and how old what they read is while there is more to
 * read. Writes an alert when it has gone blind, and one when it sees again, with a producer of its
 * own, since the topology may be what stands still.
 */
public final class ControlWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlWatch.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** A broker that takes longer is as good as none; shorter than any sensible limit. */
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);

  private static final String RECORDS_LAG = "records-lag";

  private final KafkaStreams streams;
  private final Heartbeat heartbeat;
  private final Blindness blindness;
  private final FuselineMetrics metrics;
  private final Admin admin;
  private final Map<TopicPartition, OffsetSpec> probe = new HashMap<>();
  private final Producer<byte[], byte[]> producer;
  private final AvroSerializer<Alert> serializer = new AvroSerializer<>(Alert.class);
  private final String alerts;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "fuseline-control-watch");
            thread.setDaemon(true);
            return thread;
          });

  /** Not written yet, in the order in which they are due. */
  private final Deque<Alert> due = new ArrayDeque<>();

  private Future<RecordMetadata> underWay;
  private boolean hasRun;
  private long restsSince;
  private long answeredAt;
  private final Map<TaskId, Long> lagsSince = new HashMap<>();

  private ControlWatch(
      KafkaStreams streams,
      CostTopology costs,
      Blindness blindness,
      FuselineMetrics metrics,
      int spanPartitions,
      Topics topics,
      Map<String, Object> clients,
      Map<String, Object> registry) {
    this.streams = streams;
    this.heartbeat = costs.heartbeat();
    this.blindness = blindness;
    this.metrics = metrics;
    for (int i = 0; i < spanPartitions; i++) {
      probe.put(new TopicPartition(topics.agentSpans().name(), i), OffsetSpec.latest());
    }
    Map<String, Object> asking = new HashMap<>(clients);
    int millis = Math.toIntExact(ANSWERS_WITHIN.toMillis());
    asking.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    asking.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    this.admin = Admin.create(asking);
    Map<String, Object> telling = new HashMap<>(clients);
    telling.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    telling.put(ProducerConfig.ACKS_CONFIG, "all");
    // The looks must go on while the broker is away.
    telling.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LOOK_EVERY.toMillis());
    this.producer =
        new KafkaProducer<>(telling, new ByteArraySerializer(), new ByteArraySerializer());
    this.serializer.configure(registry, false);
    this.alerts = topics.costAlerts().name();
  }

  /**
   * Begins to look; what is asked before the pipeline has first run is taken for seen.
   *
   * @param blindness is told what is seen
   * @param spanPartitions partitions of the span topic, whose leaders are asked for an answer
   * @param clients settings of Kafka clients
   * @param registry see {@link io.fuseline.schemas.serde.RegistrySettings}
   */
  public static ControlWatch start(
      KafkaStreams streams,
      CostTopology costs,
      Blindness blindness,
      FuselineMetrics metrics,
      int spanPartitions,
      Topics topics,
      Map<String, Object> clients,
      Map<String, Object> registry) {
    ControlWatch watch =
        new ControlWatch(
            streams, costs, blindness, metrics, spanPartitions, topics, clients, registry);
    watch.clock.scheduleWithFixedDelay(
        watch::tick, 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  private void tick() {
    try {
      look();
      write();
    } catch (RuntimeException e) {
      if (clock.isShutdown()) {
        return;
      }
      LOG.warn("The watch over the pipeline could not look; it tries again.", e);
    }
  }

  private void look() {
    KafkaStreams.State state = streams.state();
    hasRun |= state == KafkaStreams.State.RUNNING;
    if (!hasRun) {
      return;
    }
    ask();
    long now = System.currentTimeMillis();
    View view = new View(now);
    if (state == KafkaStreams.State.RUNNING) {
      restsSince = 0;
      lookAtLag(view, now);
    } else {
      restsSince = restsSince == 0 ? now : restsSince;
      view.reachesTo(restsSince, "the pipeline is " + state + ".");
    }
    long oldest = heartbeat.oldestMillis();
    if (oldest != Long.MAX_VALUE) {
      // It beats as often as it is looked at: only what is older is a sign.
      view.reachesTo(oldest + 2 * LOOK_EVERY.toMillis(), "a task stands still.");
    }
    view.reachesTo(answeredAt + LOOK_EVERY.toMillis(), "the broker does not answer.");
    Alert alert = blindness.look(view.seenTo * 1000, view.why, now * 1000);
    metrics.admission().blind(blindness.at(now * 1000).isBlind());
    if (alert != null) {
      LOG.warn("{}", alert.getEvidence().getSummary());
      due.add(alert);
    }
  }

  /** How far is seen, and what is in the way. */
  private static final class View {
    private long seenTo;
    private String why = "";

    View(long now) {
      seenTo = now;
    }

    void reachesTo(long millis, String reason) {
      if (millis < seenTo) {
        seenTo = millis;
        why = reason;
      }
    }
  }

  /** Whether the leaders of all partitions answer. */
  private void ask() {
    long askedAt = System.currentTimeMillis();
    if (answeredAt == 0) {
      answeredAt = askedAt;
    }
    try {
      admin.listOffsets(probe).all().get(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      answeredAt = askedAt;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("The broker does not answer: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A task that always has more to read is as far behind as its newest record is old; but no longer
   * than it has had more to read, since records of old times may be sent.
   */
  private void lookAtLag(View view, long now) {
    Set<String> lagging = laggingPartitions();
    Set<TaskId> tasks = new HashSet<>();
    for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
      for (TaskMetadata task : thread.activeTasks()) {
        boolean lags =
            task.topicPartitions().stream()
                .anyMatch(at -> lagging.contains(name(at.topic(), at.partition())));
        if (lags) {
          tasks.add(task.taskId());
          long since = lagsSince.computeIfAbsent(task.taskId(), id -> now);
          view.reachesTo(
              Math.max(since, heartbeat.sawMillis(task.taskId())),
              "task " + task.taskId() + " lags behind what is sent.");
        }
      }
    }
    lagsSince.keySet().retainAll(tasks);
  }

  private Set<String> laggingPartitions() {
    Set<String> lagging = new HashSet<>();
    for (Map.Entry<MetricName, ? extends Metric> metric : streams.metrics().entrySet()) {
      MetricName name = metric.getKey();
      if (name.name().equals(RECORDS_LAG)
          && name.tags().containsKey("partition")
          && metric.getValue().metricValue() instanceof Double lag
          && lag > 0) {
        lagging.add(name(name.tags().get("topic"), Integer.parseInt(name.tags().get("partition"))));
      }
    }
    return lagging;
  }

  /** Kafka's metrics have had dots in topics' names as they are, and as underscores. */
  private static String name(String topic, int partition) {
    return topic.replace('.', '_') + '-' + partition;
  }

  /** One at a time, so that they are written in order; what could not be is tried again. */
  private void write() {
    if (underWay != null && underWay.isDone()) {
      try {
        underWay.get();
        metrics.alert(due.remove().getSeverity());
      } catch (ExecutionException e) {
        LOG.warn("An alert could not be written and is tried again: {}", e.getCause().toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      underWay = null;
    }
    Alert next = due.peek();
    if (next != null && underWay == null) {
      try {
        underWay =
            producer.send(
                new ProducerRecord<>(
                    alerts,
                    next.getTarget().getBytes(StandardCharsets.UTF_8),
                    serializer.serialize(alerts, next)));
      } catch (KafkaException e) {
        LOG.warn("An alert could not be sent and is tried again: {}", e.toString());
      }
    }
  }

  /** How well the state follows, as of an instant. */
  public Sight at(long nowMicros) {
    return blindness.at(nowMicros);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    admin.close(Duration.ZERO);
    producer.close(Duration.ofSeconds(1));
    serializer.close();
  }
}
