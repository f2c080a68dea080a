package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.Latency.Delivery;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * How soon what follows a span is there. Spans are sent at a fixed rate whatever comes back, and
 * time runs from the moment the span should have been sent, so that a stall counts in full.
 *
 * <p>Among sound runs, one in {@value #LOOP_EVERY} spans begins a run that makes the same tool call
 * three times; its third call is the breach, and brings a KILL. About {@value #PROBES_PER_SECOND}
 * times a second a span is the first of its run and of its workflow: one such probe is asked for as
 * a run, the next as a workflow, and the roll-up of each workflow is waited for.
 */
final class LatencyRun implements AutoCloseable {
  static final int LOOP_EVERY = 20;
  static final int PROBES_PER_SECOND = 4;

  /** A looping run's calls stand this many spans apart. */
  private static final int CALLS_APART = 7;

  private static final int CALLS = 3;

  /** Where a probe stands among {@value #LOOP_EVERY} spans: not in a looping run's place. */
  private static final int PROBE_AT = 3;

  /** Roll-ups are written every ten seconds. */
  private static final Duration STRAGGLERS = Duration.ofSeconds(15);

  private static final Duration POLL = Duration.ofMillis(100);

  /** Between two rounds of questions: no answer is known to be there sooner than this. */
  private static final Duration ASK_EVERY = Duration.ofMillis(3);

  private final Topics topics;
  private final Delivery delivery;
  private final BenchCluster cluster;
  private final URI pipeline;
  private final KafkaProducer<String, AgentSpan> producer;
  private final Sightings commands = new Sightings();
  private final Sightings runQueries = new Sightings();
  private final Sightings scopeQueries = new Sightings();
  private final Sightings rollups = new Sightings();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final List<FutureTask<Void>> watching = new ArrayList<>();
  private volatile boolean closing;
  private long loops;
  private long probes;
  private AgentSpan looping;

  /** A span to send, and what then to wait for. */
  private record Shot(AgentSpan span, Consumer<Long> awaited) {}

  /**
   * Begins to watch.
   *
   * @param topics of a pipeline that runs
   * @param port where it answers
   */
  LatencyRun(BenchCluster cluster, Topics topics, int port, Delivery delivery) {
    this.cluster = cluster;
    this.topics = topics;
    this.delivery = delivery;
    this.pipeline = URI.create("http://127.0.0.1:" + port);
    // A span is sent at once, as an agent does with a span that may be its last.
    this.producer = cluster.spanProducer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0));
    CountDownLatch ready = new CountDownLatch(2);
    // As kill switches read: a stop does not wait for the ledger's commit.
    begin(
        "command-watcher",
        () ->
            watch(
                topics.agentCommands(),
                Command.class,
                "read_uncommitted",
                command -> {
                  if (command.getAction() == Action.KILL) {
                    commands.see(command.getTarget());
                  }
                },
                ready));
    // As those read who add up.
    begin(
        "rollup-watcher",
        () ->
            watch(
                topics.costRollups(),
                CostRollup.class,
                "read_committed",
                rollup -> {
                  if (rollup.getDimension() == Dimension.WORKFLOW) {
                    rollups.see(rollup.getValue());
                  }
                },
                ready));
    begin("asker", this::ask);
    try {
      ready.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
    checkFailure();
  }

  /**
   * Sends spans at a rate for some time.
   *
   * @param spansPerSecond 1 or more
   * @return what was seen of what followed
   */
  Latency measure(int spansPerSecond, Duration time) {
    all().forEach(Sightings::reset);
    int spans = Math.toIntExact(time.toMillis() * spansPerSecond / 1_000);
    Instant now = Instant.now();
    Workload workload =
        new Workload(
            now.toEpochMilli(),
            WorkloadShape.DEFAULT,
            "sound-" + now.toEpochMilli(),
            spans,
            now,
            now.plus(time));
    int probeEvery = Math.max(1, spansPerSecond / PROBES_PER_SECOND / LOOP_EVERY) * LOOP_EVERY;
    double nanosBetween = 1e9 / spansPerSecond;
    long start = System.nanoTime();
    for (int slot = 0; slot < spans; slot++) {
      long due = start + (long) (slot * nanosBetween);
      Shot shot = next(workload.next(), slot, probeEvery);
      sleepUntil(due);
      shot.awaited().accept(due);
      send(shot.span());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    producer.flush();
    awaitStragglers();
    checkFailure();
    return new Latency(
        delivery,
        spansPerSecond,
        spans / seconds,
        commands.quantiles(),
        runQueries.quantiles(),
        scopeQueries.quantiles(),
        rollups.quantiles());
  }

  @Override
  public void close() {
    closing = true;
    producer.close();
    watching.forEach(LatencyRun::await);
  }

  private List<Sightings> all() {
    return List.of(commands, runQueries, scopeQueries, rollups);
  }

  /** Slots 0, 7 and 14 of every twenty belong to a looping run. */
  private Shot next(AgentSpan sound, int slot, int probeEvery) {
    if (slot % probeEvery == PROBE_AT) {
      return probe(sound);
    }
    int inBlock = slot % LOOP_EVERY;
    if (inBlock % CALLS_APART != 0 || inBlock / CALLS_APART >= CALLS) {
      return new Shot(sound, due -> {});
    }
    int call = inBlock / CALLS_APART;
    if (call == 0) {
      loops++;
      looping = sound;
    }
    String run = "loop-%08x".formatted(loops);
    AgentSpan span =
        AgentSpan.newBuilder(looping)
            .setSpanId(sound.getSpanId())
            .setStartTime(sound.getStartTime())
            .setEndTime(sound.getEndTime())
            .setParentSpanId(null)
            .setRunId(run)
            .setRootRunId(run)
            .setKind(SpanKind.TOOL)
            .setProvider("local")
            .setResponseModel(null)
            .setResponseId(null)
            .setUsage(new HashMap<>())
            .setToolName("search")
            .setArgumentHash(loops)
            .setResultHash(loops)
            .build();
    return new Shot(
        span,
        due -> {
          if (call == CALLS - 1) {
            commands.await(run, due);
          }
        });
  }

  private Shot probe(AgentSpan sound) {
    String name = "probe-%08x".formatted(++probes);
    AgentSpan span =
        AgentSpan.newBuilder(sound)
            .setParentSpanId(null)
            .setRunId(name)
            .setRootRunId(name)
            .setWorkflow(name)
            .setTenantId("tenant-0")
            .build();
    Sightings query = probes % 2 == 0 ? runQueries : scopeQueries;
    return new Shot(
        span,
        due -> {
          query.await(name, due);
          rollups.await(name, due);
        });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
  private void send(AgentSpan span) {
    producer.send(
        new ProducerRecord<>(topics.agentSpans().name(), span.getRootRunId(), span),
        (stored, problem) -> {
          if (problem != null) {
            failure.compareAndSet(null, problem);
          }
        });
  }

  private void begin(String name, Runnable work) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
              }
              return null;
            });
    watching.add(task);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private <T extends SpecificRecord> void watch(
      TopicSpec topic, Class<T> type, String isolation, Consumer<T> seen, CountDownLatch ready) {
    Map<String, Object> settings = new HashMap<>(cluster.clientSettings());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    AvroDeserializer<T> deserializer = new AvroDeserializer<>(type);
    deserializer.configure(settings, false);
    Collection<TopicPartition> partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    try (KafkaConsumer<String, T> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), deserializer)) {
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      ready.countDown();
      while (!closing) {
        for (ConsumerRecord<String, T> record : consumer.poll(POLL)) {
          seen.accept(record.value());
        }
      }
    } finally {
      ready.countDown();
    }
  }

  /** Asks for every probe that is not yet known, again and again. */
  private void ask() {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    while (!closing) {
      for (String run : runQueries.open()) {
        if (answer(http, "/v1/runs/" + run).isPresent()) {
          runQueries.see(run);
        }
      }
      for (String workflow : scopeQueries.open()) {
        String path = "/v1/costs/workflow/" + workflow + "?tenant=tenant-0&window=1m";
        if (answer(http, path).filter(body -> body.contains("\"spans\"")).isPresent()) {
          scopeQueries.see(workflow);
        }
      }
      LockSupport.parkNanos(ASK_EVERY.toNanos());
    }
  }

  /** Empty when it is not known yet, or cannot be asked just now. */
  private Optional<String> answer(HttpClient http, String path) {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(pipeline.resolve(path)).timeout(STRAGGLERS).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException notNow) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
  }

  private void awaitStragglers() {
    long deadline = System.nanoTime() + STRAGGLERS.toNanos();
    while (!all().stream().allMatch(Sightings::isComplete) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private void checkFailure() {
    if (failure.get() != null) {
      throw new BenchException(
          "The latency run failed: " + failure.get().getMessage(), failure.get());
    }
  }

  private static void sleepUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptException("Interrupted while spans were sent");
      }
    }
  }

  private static void await(FutureTask<Void> task) {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw new BenchException("A watcher failed: " + e.getMessage(), e);
    }
  }
}
