package io.fuseline.stream.service;

import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import io.fuseline.stream.admission.Admission;
import io.fuseline.stream.admission.Blindness;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.command.CommandReader;
import io.fuseline.stream.command.CommandStream;
import io.fuseline.stream.http.Health;
import io.fuseline.stream.http.HttpServer;
import io.fuseline.stream.http.HttpSettings;
import io.fuseline.stream.http.InstanceClient;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.ingest.SpanIntake;
import io.fuseline.stream.ingest.TopicSpanSink;
import io.fuseline.stream.metrics.PrometheusMetrics;
import io.fuseline.stream.query.CostQueries;
import io.fuseline.stream.topology.ControlWatch;
import io.fuseline.stream.topology.CostTopology;
import io.fuseline.stream.topology.DeadLetters;
import io.fuseline.stream.topology.Heartbeat;
import io.fuseline.stream.topology.RecordSerdes;
import io.fuseline.stream.topology.RoutedAdmission;
import io.fuseline.stream.topology.RoutedQueries;
import io.fuseline.stream.topology.StoreAdmission;
import io.fuseline.stream.topology.StoreQueries;
import io.fuseline.stream.topology.TopologySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.HostInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pipeline: starts the topology and its HTTP server, says how it is, and stops cleanly. */
public final class StreamService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamService.class);
  private static final String CURRENCY = "USD";
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);
  private static final Duration SILENT_AFTER = Duration.ofSeconds(60);

  private final KafkaStreams streams;
  private final HttpServer http;
  private final TopicSpanSink spans;
  private final CommandStream commands;
  private final CommandReader commandReader;
  private final ControlWatch watch;
  private final PrometheusMetrics metrics;
  private final CountDownLatch stopped;
  private final AtomicReference<Throwable> failure;

  private StreamService(
      KafkaStreams streams,
      HttpServer http,
      TopicSpanSink spans,
      CommandStream commands,
      CommandReader commandReader,
      ControlWatch watch,
      PrometheusMetrics metrics,
      CountDownLatch stopped,
      AtomicReference<Throwable> failure) {
    this.streams = streams;
    this.http = http;
    this.spans = spans;
    this.commands = commands;
    this.commandReader = commandReader;
    this.watch = watch;
    this.metrics = metrics;
    this.stopped = stopped;
    this.failure = failure;
  }

  /**
   * Starts the service; it takes spans as soon as Kafka has assigned partitions.
   *
   * @param given see {@link ServiceSettings}
   * @throws IllegalArgumentException when a setting is wrong
   * @throws IllegalStateException when a topic is missing, the broker cannot be reached or the HTTP
   *     port is taken
   */
  public static StreamService start(Map<String, String> given) {
    ServiceSettings settings = ServiceSettings.of(given);
    int spanPartitions = spanPartitions(settings);
    String host = settings.text(ServiceSettings.HTTP_HOST);
    int port = settings.number(ServiceSettings.HTTP_PORT, 0, 65_535);
    if (port == 0) {
      port = freePort(host);
    }
    String configured = settings.text(ServiceSettings.ADVERTISED);
    String advertised = configured.isEmpty() ? host + ":" + port : configured;

    PrometheusMetrics metrics = new PrometheusMetrics(CURRENCY);
    DeadLetters deadLetters =
        new DeadLetters(
            metrics.fuseline(),
            settings.number(ServiceSettings.DEAD_LETTERS_PER_MINUTE, 0, Integer.MAX_VALUE));
    StreamsConfig config = settings.streams(advertised, deadLetters);
    TopologySettings topologySettings = settings.topology(spanPartitions);
    CostTopology costs =
        new CostTopology(
            config,
            RecordSerdes.ofRegistry(settings.registry()),
            topologySettings,
            metrics.fuseline());
    Topology topology = costs.build();

    KafkaStreams streams = new KafkaStreams(topology, config);
    CountDownLatch stopped = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    streams.setUncaughtExceptionHandler(
        error -> {
          if (isPassing(error)) {
            LOG.warn("The pipeline tries again: {}", error.getMessage());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
          }
          failure.compareAndSet(null, error);
          LOG.error("The pipeline stops: {}", error.getMessage(), error);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    RestoreProgress restoring =
        new RestoreProgress(metrics.fuseline(), System::nanoTime, LOG::info);
    streams.setGlobalStateRestoreListener(restoring);
    streams.setStateListener(
        (now, before) -> {
          LOG.info("Pipeline is {}", now);
          if (now == KafkaStreams.State.RUNNING) {
            restoring.done();
          }
          if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
            stopped.countDown();
          }
        });
    HostInfo self = HostInfo.buildFromEndpoint(advertised);
    Admission admission = new Admission(settings.admission());
    Blindness blindness = new Blindness(advertised, CURRENCY, settings.blindAfter());
    metrics.fuseline().admission().leases(admission::leases);
    StoreAdmission desk =
        new StoreAdmission(
            streams,
            advertised,
            costs,
            admission,
            () -> System.currentTimeMillis() * 1000,
            blindness::at);
    CostQueries local = new StoreQueries(streams, CURRENCY, advertised, desk);
    InstanceClient others = new InstanceClient(CURRENCY, Duration.ofSeconds(3));
    CostQueries routed = new RoutedQueries(streams, self, local, others::at);
    TopicSpanSink spans =
        TopicSpanSink.open(settings.clients(), settings.registry(), settings.topics());
    CommandStream commands = new CommandStream();
    HttpServer http =
        HttpServer.start(
            new HttpSettings(host, port, Set.of(), HttpSettings.DEFAULT_PATIENCE),
            ingest(settings, spans, metrics),
            routed,
            local,
            new RoutedAdmission(streams, self, costs.policies(), desk, others::deskAt),
            desk,
            new StreamHealth(streams, costs.heartbeat(), costs, blindness, restoring, SILENT_AFTER),
            commands,
            metrics::scrape);
    metrics.bind(streams);
    CommandReader commandReader =
        CommandReader.start(
            settings.topics().agentCommands().name(),
            commands,
            settings.clients(),
            settings.registry());
    ControlWatch watch =
        ControlWatch.start(
            streams,
            costs,
            blindness,
            metrics.fuseline(),
            spanPartitions,
            settings.topics(),
            settings.clients(),
            settings.registry());
    try {
      streams.start();
    } catch (RuntimeException e) {
      watch.close();
      commandReader.close();
      http.close();
      spans.close();
      throw e;
    }
    LOG.info("Serving http://{}", advertised);
    return new StreamService(
        streams, http, spans, commands, commandReader, watch, metrics, stopped, failure);
  }

  private static Ingest ingest(
      ServiceSettings settings, TopicSpanSink spans, PrometheusMetrics metrics) {
    return new Ingest(
        new SpanIntake(Normaliser.standard(), () -> System.currentTimeMillis() * 1_000),
        spans,
        spans,
        settings.ingest(),
        metrics.fuseline());
  }

  /**
   * True when no record is to blame and a later try may do: the registry did not answer, or the
   * transaction was open for longer than it may be, so that the broker has aborted it. That is what
   * happens when the broker was away; Kafka Streams knows some of its faces (a producer fenced) but
   * not the answer to a commit that comes late. A new thread does the aborted work again.
   */
  private static boolean isPassing(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof RegistryUnavailableException
          || cause instanceof InvalidTxnStateException) {
        return true;
      }
    }
    return false;
  }

  /** Checks that all topics are there and tells the partitions of {@code agent-spans}. */
  private static int spanPartitions(ServiceSettings settings) {
    try (Admin admin = Admin.create(settings.clients())) {
      List<String> names = settings.topics().all().stream().map(topic -> topic.name()).toList();
      Set<String> missing = new TreeSet<>();
      int partitions = 0;
      for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
          admin.describeTopics(names).topicNameValues().entrySet()) {
        try {
          int found = topic.getValue().get().partitions().size();
          if (topic.getKey().equals(settings.topics().agentSpans().name())) {
            partitions = found;
          }
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
            throw new IllegalStateException(
                "The broker at "
                    + settings.text(ServiceSettings.BOOTSTRAP_SERVERS)
                    + " cannot be asked: "
                    + e.getCause().getMessage(),
                e);
          }
          missing.add(topic.getKey());
        }
      }
      if (!missing.isEmpty()) {
        throw new IllegalStateException(
            "These topics are missing: "
                + String.join(", ", missing)
                + ". Create them with 'fuseline topics create'.");
      }
      return partitions;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while starting", e);
    }
  }

  private static int freePort(String host) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("No port is free on " + host, e);
    }
  }

  /** Port the HTTP server listens on. */
  public int port() {
    return http.port();
  }

  /** True while spans are processed. */
  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /**
   * Waits until the service has stopped.
   *
   * @throws IllegalStateException with the first cause when it failed
   */
  public void awaitTermination() throws InterruptedException {
    stopped.await();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new IllegalStateException("The pipeline has failed: " + cause.getMessage(), cause);
    }
  }

  /** Finishes what is under way, commits and frees everything; safe to call twice. */
  @Override
  public void close() {
    commands.close();
    commandReader.close();
    watch.close();
    http.close();
    spans.close();
    // Leaving makes the next start, here or elsewhere, take over at once instead of after the
    // session has run out.
    CloseOptions leave =
        CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(STOP_WITHIN);
    if (!streams.close(leave)) {
      LOG.warn("The pipeline did not stop within {} s", STOP_WITHIN.toSeconds());
    }
    metrics.close();
  }

  /**
   * Live: the processors have been at work lately. Ready: every partition is assigned and restored.
   */
  private record StreamHealth(
      KafkaStreams streams,
      Heartbeat heartbeat,
      CostTopology costs,
      Blindness blindness,
      RestoreProgress restoring,
      Duration silentAfter)
      implements Health {
    @Override
    public Status live() {
      KafkaStreams.State state = streams.state();
      long last = heartbeat.lastMillis();
      long silentMillis = last == 0 ? 0 : System.currentTimeMillis() - last;
      boolean hangs = state == KafkaStreams.State.RUNNING && silentMillis > silentAfter.toMillis();
      boolean dead = state == KafkaStreams.State.ERROR || state == KafkaStreams.State.NOT_RUNNING;
      Map<String, Object> details = details(state);
      details.put("lastProgressMsAgo", silentMillis);
      return new Status(!hangs && !dead, details);
    }

    @Override
    public Status ready() {
      KafkaStreams.State state = streams.state();
      return new Status(state == KafkaStreams.State.RUNNING, details(state));
    }

    private Map<String, Object> details(KafkaStreams.State state) {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("state", state.name());
      restoring.details().ifPresent(progress -> details.put("restoring", progress));
      details.put("prices", costs.prices().size());
      details.put("policies", costs.policies().current().all().size());
      long nowMicros = System.currentTimeMillis() * 1000;
      Sight sight = blindness.at(nowMicros);
      details.put("control", sight.isBlind() ? "BLIND" : "OK");
      details.put("seenUpToMsAgo", (nowMicros - sight.seenToMicros()) / 1000);
      return details;
    }
  }
}
