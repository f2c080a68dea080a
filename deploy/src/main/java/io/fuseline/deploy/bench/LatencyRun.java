package io.fuseline.deploy.bench;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
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
 * How soon a KILL follows the span that proves a loop. Spans are sent at a fixed rate whatever
 * comes back, and time runs from the moment the span should have been sent, so that a stall counts
 * in full. Among sound runs, one in {@value #LOOP_EVERY} spans begins a run that makes the same
 * tool call three times; its third call is the breach.
 */
final class LatencyRun implements AutoCloseable {
  static final int LOOP_EVERY = 20;
  static final String NAME = "bench-latency";

  /** A looping run's calls stand this many spans apart. */
  private static final int CALLS_APART = 7;

  private static final int CALLS = 3;
  private static final Duration STRAGGLERS = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(2);

  private final Topics topics;
  private final BenchCluster cluster;
  private final KafkaProducer<String, AgentSpan> producer;
  private final Map<String, Long> breaches = new ConcurrentHashMap<>();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final FutureTask<Void> watching;
  private volatile Histogram histogram = newHistogram();
  private volatile boolean closing;
  private long loops;
  private AgentSpan looping;

  /**
   * Begins to watch for commands.
   *
   * @param topics of a pipeline that runs
   */
  LatencyRun(BenchCluster cluster, Topics topics) {
    this.cluster = cluster;
    this.topics = topics;
    // A span is sent at once, as an agent does with a span that may be its last.
    this.producer = cluster.spanProducer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 0));
    FutureTask<Void> ready = new FutureTask<>(() -> null);
    this.watching =
        new FutureTask<>(
            () -> {
              watch(ready);
              return null;
            });
    Thread thread = new Thread(watching, "command-watcher");
    thread.setDaemon(true);
    thread.start();
    await(ready);
  }

  /**
   * Sends spans at a rate for some time.
   *
   * @param spansPerSecond 1 or more
   * @return what was seen of the commands
   */
  Latency measure(int spansPerSecond, Duration time) {
    histogram = newHistogram();
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
    double nanosBetween = 1e9 / spansPerSecond;
    long start = System.nanoTime();
    for (int slot = 0; slot < spans; slot++) {
      long due = start + (long) (slot * nanosBetween);
      AgentSpan span = next(workload, slot, due);
      sleepUntil(due);
      send(span);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    producer.flush();
    awaitStragglers();
    int unanswered = breaches.size();
    breaches.clear();
    checkFailure();
    return Latency.of(spansPerSecond, spans / seconds, histogram.copy(), unanswered);
  }

  @Override
  public void close() {
    closing = true;
    producer.close();
    await(watching);
  }

  /** Slots 0, 7 and 14 of every twenty belong to a looping run. */
  private AgentSpan next(Workload workload, int slot, long due) {
    AgentSpan sound = workload.next();
    int inBlock = slot % LOOP_EVERY;
    if (inBlock % CALLS_APART != 0 || inBlock / CALLS_APART >= CALLS) {
      return sound;
    }
    int call = inBlock / CALLS_APART;
    if (call == 0) {
      loops++;
      looping = sound;
    }
    String run = "loop-%08x".formatted(loops);
    if (call == CALLS - 1) {
      breaches.put(run, due);
    }
    return AgentSpan.newBuilder(looping)
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

  private void watch(FutureTask<Void> ready) {
    Map<String, Object> settings = new HashMap<>(cluster.clientSettings());
    // As kill switches read: a stop does not wait for the ledger's commit.
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    AvroDeserializer<Command> deserializer = new AvroDeserializer<>(Command.class);
    deserializer.configure(settings, false);
    TopicSpec topic = topics.agentCommands();
    Collection<TopicPartition> partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    try (KafkaConsumer<String, Command> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), deserializer)) {
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      ready.run();
      while (!closing) {
        for (ConsumerRecord<String, Command> record : consumer.poll(POLL)) {
          long seen = System.nanoTime();
          Long due =
              record.value().getAction() == Action.KILL
                  ? breaches.remove(record.value().getTarget())
                  : null;
          if (due != null) {
            histogram.recordValue(Math.min(HIGHEST_MICROS, (seen - due) / 1_000));
          }
        }
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
      ready.run();
    }
  }

  private void awaitStragglers() {
    long deadline = System.nanoTime() + STRAGGLERS.toNanos();
    while (!breaches.isEmpty() && System.nanoTime() < deadline) {
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

  private static Histogram newHistogram() {
    return new Histogram(HIGHEST_MICROS, 3);
  }

  private static void await(FutureTask<Void> task) {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw new BenchException("The command watcher failed: " + e.getMessage(), e);
    }
  }
}
