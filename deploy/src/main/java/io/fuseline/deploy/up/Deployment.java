package io.fuseline.deploy.up;

import io.fuseline.alerting.sink.SinkService;
import io.fuseline.alerting.sink.SinkSettings;
import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.deploy.setup.PriceChanges;
import io.fuseline.deploy.setup.TopicSetup;
import io.fuseline.deploy.simulate.Simulation;
import io.fuseline.deploy.simulate.SimulationSettings;
import io.fuseline.deploy.stack.LocalStack;
import io.fuseline.schemas.PolicyDocument;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.serde.SchemaRegistration;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.policy.ParsedPolicy;
import io.fuseline.stream.service.ServiceSettings;
import io.fuseline.stream.service.StreamService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;

/**
 * Everything Fuseline needs, on this machine: broker and registry as processes, the rest in ours.
 */
final class Deployment {
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration FIRST_SPAN_WITHIN = Duration.ofSeconds(30);
  private static final long LOOK_EVERY_MILLIS = 50;

  private final UpSettings settings;
  private final Startup startup;
  private final Topics topics = Topics.defaults();
  private final Scoreboard board = new Scoreboard();
  private LocalStack stack;
  private StreamService pipeline;
  private String page;
  private CostApi costs;
  private List<CostApi.AgentCost> costsBefore = List.of();
  private TopicWatch watch;
  private SinkService sink;
  private Simulation simulation;
  private volatile RuntimeException pipelineFailure;

  Deployment(UpSettings settings, Startup startup) {
    this.settings = settings;
    this.startup = startup;
  }

  /**
   * Starts all parts, each when those it needs are ready. After a failure {@link #stopParts} and
   * {@link #stopServers} stop what was started.
   *
   * @param data folder of all state
   * @param beforeServersStop is called when our JVM ends, before broker and registry are stopped
   */
  void start(Path data, AutoCloseable beforeServersStop) throws Exception {
    stack = LocalStack.startOnUsualPorts(data, startup::say);
    stack.attach(beforeServersStop);
    Map<String, Object> clients = clients();
    startup.step(
        "topics",
        this::createTopics,
        schemas -> topics.all().size() + " topics and " + schemas + " schemas");
    startup.step("prices", () -> writePrices(clients), count -> count + " in force");
    startup.step("policies", () -> writePolicies(clients), count -> count + " in force");
    pipeline = startup.step("pipeline", () -> startPipeline(data), service -> "ready at " + page);
    watchPipeline();
    costsBefore = costs.agents();
    watch = TopicWatch.start(clients, topics, board);
    sink = startup.step("sink", this::startSink, started -> "delivers to the log");
    if (settings.simulator()) {
      simulation =
          startup.step(
              "simulator",
              () ->
                  Simulation.start(
                      new SimulationSettings(
                          clients, topics, settings.spansPerSecond(), settings.seed())),
              started ->
                  "plays, about "
                      + settings.spansPerSecond()
                      + " spans/s, seed "
                      + settings.seed());
      startup.step("spans", this::awaitFirstSpan, seen -> seen ? "flow" : "are late");
      simulation.misbehave();
    }
  }

  String page() {
    return page;
  }

  String bootstrapServers() {
    return stack.bootstrapServers();
  }

  String registryUrl() {
    return stack.registryUrl();
  }

  Scoreboard board() {
    return board;
  }

  CostApi costs() {
    return costs;
  }

  /** Costs per agent in the state stores before this start. */
  List<CostApi.AgentCost> costsBefore() {
    return costsBefore;
  }

  /** What has failed since the start; empty while all is well. */
  Optional<Exception> failure() {
    if (pipelineFailure != null) {
      return Optional.of(pipelineFailure);
    }
    Optional<RuntimeException> unread = watch.failure();
    if (unread.isPresent()) {
      return Optional.of(
          new IllegalStateException(
              "The topics cannot be read: " + unread.get().getMessage(), unread.get()));
    }
    return Optional.ofNullable(simulation)
        .flatMap(Simulation::failure)
        .map(
            problem ->
                new IllegalStateException(
                    "The simulator could not write a span: " + problem.getMessage(), problem));
  }

  /** Stops the fleet; what it has sent is still accounted for. */
  void stopSimulator() {
    if (simulation != null) {
      simulation.close();
      simulation = null;
    }
  }

  /** Stops all parts but the servers, in the reverse order of their start. */
  void stopParts() {
    closeAll(simulation, sink, watch, pipeline);
  }

  /** Stops broker and registry. */
  void stopServers() {
    closeAll(stack);
  }

  /** What fails to stop does not keep the rest from stopping. */
  private static void closeAll(AutoCloseable... parts) {
    RuntimeException failure = null;
    for (AutoCloseable part : parts) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        RuntimeException problem =
            e instanceof RuntimeException known ? known : new IllegalStateException(e);
        if (failure == null) {
          failure = problem;
        } else {
          failure.addSuppressed(problem);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Map<String, Object> clients() {
    return Map.of(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers(),
        RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl());
  }

  private int createTopics() {
    try (Admin admin = Admin.create(clients())) {
      TopicSetup.create(admin, topics.all(), OptionalInt.empty());
    }
    return SchemaRegistration.registerAll(clients(), topics.all()).size();
  }

  private int writePrices(Map<String, Object> clients) {
    var topic = new CompactedTopic<>(topics.prices().name(), PriceEntry.class, clients);
    Instant now = Instant.now();
    PriceChanges changes = PriceChanges.between(topic.read().values(), settings.prices(), now);
    topic.write(changes.records(now, false, now), stored -> {});
    return settings.prices().size();
  }

  private int writePolicies(Map<String, Object> clients) {
    var topic = new CompactedTopic<>(topics.policies().name(), PolicyDocument.class, clients);
    Map<String, PolicyDocument> records = new LinkedHashMap<>();
    // In a data folder that is used again, the policies given now are the only ones.
    topic.read().keySet().forEach(id -> records.put(id, null));
    settings.policies().forEach(parsed -> records.put(parsed.policy().id(), document(parsed)));
    topic.write(records, stored -> {});
    return settings.policies().size();
  }

  private static PolicyDocument document(ParsedPolicy parsed) {
    return PolicyDocument.newBuilder()
        .setPolicyId(parsed.policy().id())
        .setVersion(parsed.policy().version())
        .setSource(parsed.source())
        .setSourceName(parsed.file())
        .setCompiled(parsed.compiled())
        .setAuthor("fuseline up")
        .setAppliedAt(Instant.now())
        .build();
  }

  private StreamService startPipeline(Path data) throws Exception {
    Map<String, String> service = new HashMap<>();
    service.put(ServiceSettings.BOOTSTRAP_SERVERS, stack.bootstrapServers());
    service.put(RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl());
    service.put(ServiceSettings.STATE_DIR, data.resolve("pipeline").toString());
    service.put(
        ServiceSettings.HTTP_PORT,
        String.valueOf(isFree(settings.httpPort()) ? settings.httpPort() : 0));
    StreamService started = startOnSomePort(service);
    try {
      page = "http://127.0.0.1:" + started.port();
      costs = new CostApi(page);
      long deadline = System.nanoTime() + READY_WITHIN.toNanos();
      while (!costs.isReady()) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException(
              "The pipeline was not ready within " + READY_WITHIN.toSeconds() + " s");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
      }
      return started;
    } catch (Exception e) {
      started.close();
      throw e;
    }
  }

  /** Between our look at the port and the server's, another may have taken it. */
  private static StreamService startOnSomePort(Map<String, String> service) {
    try {
      return StreamService.start(service);
    } catch (IllegalStateException e) {
      int port = Integer.parseInt(service.get(ServiceSettings.HTTP_PORT));
      if (port == 0 || isFree(port)) {
        throw e;
      }
      service.put(ServiceSettings.HTTP_PORT, "0");
      return StreamService.start(service);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Waits for a span to come through, so that what is measured later is not the first use of
   * everything.
   */
  private boolean awaitFirstSpan() throws Exception {
    long deadline = System.nanoTime() + FIRST_SPAN_WITHIN.toNanos();
    while (board.view(Instant.now()).spans() == 0) {
      Optional<Exception> failure = failure();
      if (failure.isPresent()) {
        throw failure.get();
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
    }
    return true;
  }

  private void watchPipeline() {
    Thread watcher =
        new Thread(
            () -> {
              try {
                pipeline.awaitTermination();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                pipelineFailure = e;
              }
            },
            "watch-pipeline");
    watcher.setDaemon(true);
    watcher.start();
  }

  private SinkService startSink() {
    SinkService started =
        new SinkService(
            SinkSettings.from(
                Map.of(
                    CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers(),
                    RegistrySettings.SCHEMA_REGISTRY_URL, stack.registryUrl()),
                topics));
    started.start();
    return started;
  }
}
