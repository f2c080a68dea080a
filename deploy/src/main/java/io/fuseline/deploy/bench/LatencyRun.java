package io.fuseline.deploy.bench;

import io.fuseline.deploy.bench.Latency.Delivery;
import io.fuseline.deploy.bench.LatencySpans.Follows;
import io.fuseline.deploy.bench.LatencySpans.Shot;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
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
 * <p>What is sent, and what follows it, says {@link LatencySpans}. Rules on a run send their KILL
 * when the third call is judged; the rule on an agent sends its own when what the agent did has
 * been committed and added up.
 */
final class LatencyRun implements AutoCloseable {
  /** Until what followed from all spans has come, also where a queue has grown. */
  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(20);

  /** Roll-ups are written every ten seconds. */
  private static final Duration ROLLED_UP_WITHIN = Duration.ofSeconds(12);

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);

  /** Spans leave at most this often; those of one time leave together. */
  private static final Duration TICK = Duration.ofMillis(1);

  /** Time to encode a span in, before the first one is due. */
  private static final Duration ENCODED_WITHIN = Duration.ofNanos(25_000);

  private static final Duration POLL = Duration.ofMillis(100);

  /** Between two rounds of questions: no answer is known to be there sooner than this. */
  private static final Duration ASK_EVERY = Duration.ofMillis(10);

  private final Topics topics;
  private final Delivery delivery;
  private final BenchCluster cluster;
  private final URI pipeline;
  private final KafkaProducer<String, byte[]> producer;
  private final LatencySpans spans;
  private final Sightings commands = new Sightings();
  private final Sightings agentCommands = new Sightings();
  private final Sightings runQueries = new Sightings();
  private final Sightings scopeQueries = new Sightings();
  private final Sightings rollups = new Sightings();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final List<FutureTask<Void>> watching = new ArrayList<>();
  private volatile boolean closing;

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
    // A millisecond, as who sends for many agents does; it counts as time that has passed.
    this.producer = cluster.encodedSpanProducer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 1));
    AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
    serializer.configure(cluster.clientSettings(), false);
    String topic = topics.agentSpans().name();
    this.spans = new LatencySpans(span -> serializer.serialize(topic, span));
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
                    agentCommands.see(command.getTarget());
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
   * Sends spans at a rate for some time, and waits for all that follows.
   *
   * @param spansPerSecond 1 or more
   * @return what was seen of what followed
   */
  Latency measure(int spansPerSecond, Duration time) {
    double sentRate = send(spansPerSecond, time);
    await(List.of(commands, agentCommands, runQueries, scopeQueries), DRAINED_WITHIN);
    await(List.of(rollups), ROLLED_UP_WITHIN);
    return seen(spansPerSecond, sentRate);
  }

  /** The same, but waits for commands about runs alone. */
  Latency tryOut(int spansPerSecond, Duration time) {
    double sentRate = send(spansPerSecond, time);
    await(List.of(commands), DRAINED_WITHIN);
    return seen(spansPerSecond, sentRate);
  }

  private Latency seen(int spansPerSecond, double sentRate) {
    checkFailure();
    return new Latency(
        delivery,
        spansPerSecond,
        sentRate,
        commands.quantiles(),
        agentCommands.quantiles(),
        runQueries.quantiles(),
        scopeQueries.quantiles(),
        rollups.quantiles());
  }

  /** Returns how many a second were sent. */
  private double send(int spansPerSecond, Duration time) {
    List.of(commands, agentCommands, runQueries, scopeQueries, rollups).forEach(Sightings::reset);
    Duration encoding = ENCODED_WITHIN.multipliedBy(time.toMillis() * spansPerSecond / 1_000);
    long planned = System.nanoTime() + encoding.toNanos();
    List<Shot> shots = spans.next(Instant.now().plus(encoding), spansPerSecond, time);
    double nanosBetween = 1e9 / spansPerSecond;
    long start = Math.max(planned, System.nanoTime());
    for (int slot = 0; slot < shots.size(); slot++) {
      long due = start + (long) (slot * nanosBetween);
      if (due > System.nanoTime()) {
        sleepUntil(Math.max(due, start + (due - start) / TICK.toNanos() * TICK.toNanos()));
      }
      Shot shot = shots.get(slot);
      await(shot, due);
      send(shot);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    producer.flush();
    return shots.size() / seconds;
  }

  @Override
  public void close() {
    closing = true;
    producer.close();
    watching.forEach(LatencyRun::await);
  }

  private void await(Shot shot, long due) {
    String name = shot.run();
    switch (shot.follows()) {
      case NOTHING -> {}
      case KILL -> commands.await(name, due);
      case ANSWER_ABOUT_RUN, ANSWER_ABOUT_WORKFLOW -> {
        agentCommands.await(name, due);
        rollups.await(name, due);
        (shot.follows() == Follows.ANSWER_ABOUT_RUN ? runQueries : scopeQueries).await(name, due);
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told the same.
  private void send(Shot shot) {
    producer.send(
        new ProducerRecord<>(topics.agentSpans().name(), shot.run(), shot.span()),
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
              HttpRequest.newBuilder(pipeline.resolve(path)).timeout(ANSWERED_WITHIN).build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException notNow) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
  }

  private static void await(List<Sightings> awaited, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!awaited.stream().allMatch(Sightings::isComplete) && System.nanoTime() < deadline) {
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
