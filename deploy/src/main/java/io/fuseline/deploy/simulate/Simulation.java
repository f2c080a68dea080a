package io.fuseline.deploy.simulate;

import io.fuseline.alerting.client.Ack;
import io.fuseline.alerting.client.KillSwitch;
import io.fuseline.alerting.client.KillSwitchSettings;
import io.fuseline.alerting.client.StopHandler;
import io.fuseline.deploy.simulate.Fleet.Misbehaviour;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays a fleet of agents against a cluster, in real time: most are sound, one loops, one lets its
 * tool calls explode, one tree of sub-agents overspends, and one spends more than its day's money.
 * Each run asks the kill switch before each step, as an agent should, and stops when told to. Those
 * that misbehave begin again some minutes after they were stopped.
 */
public final class Simulation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Simulation.class);
  private static final Duration BETWEEN_MISBEHAVIOURS = Duration.ofMinutes(3);
  private static final Duration BETWEEN_HEALTHY_RUNS = Duration.ofMillis(250);

  /** Healthy runs begin over this time, so that they do not march in step. */
  private static final int RAMP_MILLIS = 2_000;

  private final RunPlayer player;
  private final KillSwitch killSwitch;
  private final Producer<String, AgentSpan> producer;
  private final ScheduledThreadPoolExecutor clock;
  private final Fleet fleet;
  private final String spanTopic;
  private final AtomicLong spans = new AtomicLong();
  private final AtomicLong healthyRuns = new AtomicLong();
  private final Set<String> stoppedAgents = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private Simulation(
      SimulationSettings settings, KillSwitch killSwitch, Producer<String, AgentSpan> producer) {
    this.killSwitch = killSwitch;
    this.producer = producer;
    this.fleet =
        new Fleet(settings.seed(), "run-" + Long.toString(System.currentTimeMillis() / 1000, 36));
    this.spanTopic = settings.topics().agentSpans().name();
    // Steps are waited for, not worked on: two threads play thousands of runs.
    this.clock =
        new ScheduledThreadPoolExecutor(
            2,
            work -> {
              Thread thread = new Thread(work, "fleet");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    this.player =
        new RunPlayer(killSwitch, clock, new SpanScribe(SimulationSettings.TENANT), this::send);
  }

  /**
   * Connects, and lets the sound agents begin; {@link #misbehave} adds the others.
   *
   * @throws org.apache.kafka.common.KafkaException when brokers or registry do not answer
   */
  public static Simulation start(SimulationSettings settings) {
    KillSwitch killSwitch = KillSwitch.open(killSwitchSettings(settings));
    Simulation simulation =
        new Simulation(
            settings,
            killSwitch,
            new KafkaProducer<>(
                producerSettings(settings), new StringSerializer(), serializer(settings)));
    simulation.play(settings.spansPerSecond());
    return simulation;
  }

  /** Spans handed to Kafka so far. */
  public long spansSent() {
    return spans.get();
  }

  /** The first span that could not be written, and why; empty while all is well. */
  public Optional<Exception> failure() {
    return Optional.ofNullable(failure.get());
  }

  /** Stops playing and returns when every span sent is stored; safe to call twice. */
  @Override
  public void close() {
    clock.shutdownNow();
    try {
      // A step that is being written must not outlive the producer.
      if (!clock.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("The fleet did not stop within 5 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    player.close();
    killSwitch.close();
    producer.close();
  }

  private void play(int spansPerSecond) {
    Fleet.agents().forEach(agent -> killSwitch.watchAgent(agent.id(), new Hiring(agent.id())));
    int atOnce = Fleet.runsAtOnce(spansPerSecond);
    for (int run = 0; run < atOnce; run++) {
      playAgain(
          () -> fleet.healthyRun(healthyRuns.getAndIncrement()),
          BETWEEN_HEALTHY_RUNS,
          (long) RAMP_MILLIS * run / atOnce);
    }
  }

  /** Lets those that misbehave begin, within some seconds. To be called once. */
  public void misbehave() {
    for (Misbehaviour kind : Misbehaviour.values()) {
      AtomicLong runs = new AtomicLong();
      for (int run = 0; run < kind.runsAtOnce(); run++) {
        playAgain(
            () -> fleet.misbehavingRun(kind, runs.getAndIncrement()),
            BETWEEN_MISBEHAVIOURS,
            kind.begins().toMillis());
      }
    }
  }

  /** Plays one run after the other. An agent that was stopped as a whole gets no work. */
  private void playAgain(Supplier<RunPlan> runs, Duration pause, long delayMillis) {
    player.after(
        delayMillis,
        () -> {
          RunPlan plan = runs.get();
          Runnable next = () -> playAgain(runs, pause, pause.toMillis());
          if (stoppedAgents.contains(plan.worker().agent().id())) {
            next.run();
          } else {
            player.play(plan, next);
          }
        });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
  private void send(AgentSpan span) {
    producer.send(
        new ProducerRecord<>(spanTopic, span.getRootRunId(), span),
        (stored, problem) -> {
          if (problem == null) {
            spans.incrementAndGet();
          } else if (failure.compareAndSet(null, problem)) {
            LOG.error("A span could not be written: {}", problem.getMessage(), problem);
          }
        });
  }

  private static KillSwitchSettings killSwitchSettings(SimulationSettings settings) {
    Map<String, String> properties = new HashMap<>();
    settings.clients().forEach((name, value) -> properties.put(name, String.valueOf(value)));
    String servers = properties.remove(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    String registry = properties.remove(RegistrySettings.SCHEMA_REGISTRY_URL);
    return KillSwitchSettings.builder(servers, registry)
        .clientProperties(properties)
        .topics(settings.topics())
        .tenant(SimulationSettings.TENANT)
        .runtime("simulator/" + ProcessHandle.current().pid())
        // A run that rests must not hold up a thread that plays others.
        .pauseTimeout(Duration.ofMillis(1))
        .build();
  }

  private static Map<String, Object> producerSettings(SimulationSettings settings) {
    Map<String, Object> producer = new HashMap<>(settings.clients());
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    // Small: a span that proves a breach should not wait. 2 ms still make batches at high rates.
    producer.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    return producer;
  }

  private static AvroSerializer<AgentSpan> serializer(SimulationSettings settings) {
    AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
    serializer.configure(settings.clients(), false);
    return serializer;
  }

  /** Whether an agent takes work. Its runs are stopped each for itself. */
  private final class Hiring implements StopHandler {
    private final String agentId;

    Hiring(String agentId) {
      this.agentId = agentId;
    }

    @Override
    public Ack onKill(Command command) {
      stoppedAgents.add(agentId);
      return Ack.stopped();
    }

    @Override
    public Ack onPause(Command command) {
      stoppedAgents.add(agentId);
      return Ack.stopped();
    }

    @Override
    public Ack onThrottle(Command command, Caps caps) {
      return Ack.applied();
    }

    @Override
    public Ack onRestore(Command command) {
      stoppedAgents.remove(agentId);
      return Ack.applied();
    }
  }
}
