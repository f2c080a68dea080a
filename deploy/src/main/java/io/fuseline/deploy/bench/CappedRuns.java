package io.fuseline.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fuseline.alerting.client.Ack;
import io.fuseline.alerting.client.AdmissionDenied;
import io.fuseline.alerting.client.AdmissionSettings;
import io.fuseline.alerting.client.KillSwitch;
import io.fuseline.alerting.client.KillSwitchSettings;
import io.fuseline.alerting.client.RunStopped;
import io.fuseline.alerting.client.SpendGuard;
import io.fuseline.alerting.client.SpendGuards;
import io.fuseline.alerting.client.Subscription;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.topics.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Runs that spend until something stops them, with the clients that agents have. */
final class CappedRuns implements AutoCloseable {
  private static final String AGENT = "spender";
  private static final BigDecimal TOKEN_PRICE = new BigDecimal("0.000005");
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration BOOKED_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /** Stands for a KILL that has not come. */
  private static final long NEVER = 0;

  private final Topics topics;
  private final String pipeline;
  private final KafkaProducer<String, AgentSpan> producer;
  private final List<KillSwitch> killSwitches = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicReference<Exception> unsent = new AtomicReference<>();

  /**
   * @param pipeline its address
   */
  CappedRuns(BenchCluster cluster, Topics topics, String pipeline) {
    this.topics = topics;
    this.pipeline = pipeline;
    // A span is sent at once, as an agent does with a span that may be its last.
    producer = cluster.spanProducer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0));
    Map<String, Object> addresses = cluster.clientSettings();
    for (int holder = 0; holder < Guarding.LEASES_OF_FOUR.holders(); holder++) {
      killSwitches.add(
          KillSwitch.open(
              KillSwitchSettings.builder(
                      addresses.get("bootstrap.servers").toString(),
                      addresses.get("schema.registry.url").toString())
                  .topics(topics)
                  .runtime("holder-" + holder)
                  .admission(AdmissionSettings.builder(pipeline).build())
                  .build()));
    }
  }

  /** Waits until the pipeline answers, and knows its policy and prices. */
  void awaitReady(RungProcess process) {
    await(
        READY_WITHIN,
        () -> {
          if (!process.isAlive()) {
            throw process.failure("ended before it was ready");
          }
          JsonNode health = get("/health/ready").orElse(null);
          return health != null
              && health.path("ok").asBoolean()
              && health.path("details").path("policies").asInt() > 0
              && health.path("details").path("prices").asInt() > 0;
        },
        "The pipeline was not ready");
  }

  /**
   * Lets a new run spend until it is stopped, and waits until what it spent is booked.
   *
   * @throws BenchException when the pipeline has not booked exactly what was spent
   */
  Overspend spend(Guarding guarding, Fixture fixture, int round) {
    String run = "run-" + UUID.randomUUID();
    Course course = new Course(run, fixture);
    List<Future<?>> holders = new ArrayList<>();
    List<AutoCloseable> toClose = new ArrayList<>();
    try {
      List<Gate> gates = new ArrayList<>();
      for (int holder = 0; holder < guarding.holders(); holder++) {
        gates.add(gate(guarding, course, holder, toClose));
      }
      for (Gate gate : gates) {
        holders.add(threads.submit(() -> course.spend(gate)));
      }
      for (Future<?> holder : holders) {
        holder.get();
      }
      producer.flush();
      if (unsent.get() != null) {
        throw new BenchException("A span was not sent: " + unsent.get(), unsent.get());
      }
      BigDecimal booked = booked(run, fixture.costOf(course.made.get()));
      return new Overspend(
          guarding,
          fixture,
          round,
          course.made.get(),
          booked,
          course.stoppedAfter(),
          course.dueWhenStopped());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while runs spent", e);
    } catch (ExecutionException e) {
      throw new BenchException("A run failed: " + e.getCause(), e);
    } finally {
      toClose.forEach(CappedRuns::close);
    }
  }

  /** What is passed before each call. */
  private interface Gate {
    /** True when the call may be made. */
    boolean pass(BigDecimal price) throws InterruptedException;
  }

  private Gate gate(Guarding guarding, Course course, int holder, List<AutoCloseable> toClose) {
    if (guarding == Guarding.ADMISSION) {
      SpendGuards guards =
          SpendGuards.open(AdmissionSettings.builder(pipeline).leaseCalls(0).build(), null);
      toClose.add(guards);
      SpendGuard guard = guards.guard(course.run, AGENT, Map.of());
      return price -> passes(guard, price);
    }
    KillSwitch killSwitch = killSwitches.get(holder);
    Subscription watch =
        killSwitch.watchRun(
            course.run,
            AGENT,
            command -> {
              course.killedAt.compareAndSet(NEVER, System.nanoTime());
              return Ack.stopped();
            });
    toClose.add(watch);
    if (guarding == Guarding.COMMANDS) {
      return price -> !killSwitch.isStopped(course.run);
    }
    SpendGuard guard = killSwitch.guard(course.run);
    toClose.add(0, guard); // while the run is watched
    return price -> passes(guard, price);
  }

  private static boolean passes(SpendGuard guard, BigDecimal price) throws InterruptedException {
    try {
      guard.before(price).after(price);
      return true;
    } catch (AdmissionDenied | RunStopped stopped) {
      return false;
    }
  }

  /** One run, called by one holder or several. */
  private final class Course {
    private final String run;
    private final Fixture fixture;
    private final long start = System.nanoTime();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicLong reachedAt = new AtomicLong(NEVER);
    private final AtomicLong killedAt = new AtomicLong(NEVER);

    Course(String run, Fixture fixture) {
      this.run = run;
      this.fixture = fixture;
    }

    /** One holder's calls, until the gate is shut or all are made. */
    private Void spend(Gate gate) throws InterruptedException {
      for (int slot = 0; ; slot++) {
        sleepUntil(start + slot * fixture.pace().toNanos());
        if (!gate.pass(fixture.price())) {
          return null;
        }
        int call = made.incrementAndGet();
        send(call);
        if (call >= fixture.calls()) {
          return null;
        }
      }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
    private void send(int call) {
      if (fixture.costOf(call).compareTo(Overshoot.CAP) >= 0) {
        reachedAt.compareAndSet(NEVER, System.nanoTime());
      }
      Instant now = Instant.now();
      long tokens = fixture.price().divide(TOKEN_PRICE).longValueExact();
      AgentSpan span =
          AgentSpan.newBuilder()
              .setSpanId(run + "-" + call)
              .setRunId(run)
              .setRootRunId(run)
              .setAgentId(AGENT)
              .setKind(SpanKind.LLM)
              .setProvider("anthropic")
              .setResponseModel(Overshoot.MODEL)
              .setUsage(Map.of("input_tokens", tokens))
              .setInputInterpretation(InputInterpretation.DISJOINT)
              .setStartTime(now)
              .setEndTime(now)
              .build();
      producer.send(
          new ProducerRecord<>(topics.agentSpans().name(), run, span),
          (stored, problem) -> {
            if (problem != null) {
              unsent.compareAndSet(null, problem);
            }
          });
    }

    /** Of one holder. */
    int dueWhenStopped() {
      long killed = killedAt.get();
      return killed == NEVER
          ? made.get()
          : Math.toIntExact((killed - start) / fixture.pace().toNanos() + 1);
    }

    Optional<Duration> stoppedAfter() {
      long reached = reachedAt.get();
      long killed = killedAt.get();
      return reached == NEVER || killed == NEVER
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(killed - reached));
    }
  }

  private BigDecimal booked(String run, BigDecimal expected) throws InterruptedException {
    AtomicReference<BigDecimal> booked = new AtomicReference<>(BigDecimal.ZERO);
    if (expected.signum() > 0) {
      await(
          BOOKED_WITHIN,
          () -> {
            get("/v1/runs/" + run)
                .ifPresent(found -> booked.set(new BigDecimal(found.path("cost").asText("0"))));
            return booked.get().compareTo(expected) == 0;
          },
          "The pipeline has not booked " + expected + " USD for " + run);
    }
    return booked.get();
  }

  /** Empty when it does not answer, or not with 200. */
  private Optional<JsonNode> get(String path) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(pipeline + path))
              .timeout(Duration.ofSeconds(5))
              .build();
      HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
      return response.statusCode() == 200
          ? Optional.of(new ObjectMapper().readTree(response.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while the pipeline was asked", e);
    }
  }

  private interface Check {
    boolean holds();
  }

  private static void await(Duration atMost, Check check, String otherwise) {
    long end = System.nanoTime() + atMost.toNanos();
    while (!check.holds()) {
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        throw new BenchException(otherwise + " within " + atMost.toSeconds() + " s.");
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  private static void sleepUntil(long due) throws InterruptedException {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new BenchException("What guarded a run cannot be closed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    killSwitches.forEach(KillSwitch::close);
    producer.close();
  }
}
