package io.fuseline.stream.ingest;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes spans, outcomes, and answers to commands, to their topics with a producer of its own,
 * beside the topology's transactions: an acknowledged record is durable, whatever becomes of the
 * topology. Safe for all threads.
 */
public final class TopicSpanSink implements SpanSink, AckSink, AutoCloseable {
  /** Exporters of OpenTelemetry give up after 10 s; they must hear from us before. */
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(8);

  private static final Duration BLOCKS_AT_MOST = Duration.ofSeconds(2);
  private static final Duration REQUEST_WITHIN = Duration.ofSeconds(4);

  private final Producer<byte[], byte[]> producer;
  private final Serializer<AgentSpan> serializer;
  private final Serializer<CommandAck> ackSerializer;
  private final Serializer<Outcome> outcomeSerializer;
  private final String spans;
  private final String acks;
  private final String outcomes;
  private final String deadLetters;

  private TopicSpanSink(
      Producer<byte[], byte[]> producer,
      Serializer<AgentSpan> serializer,
      Serializer<CommandAck> ackSerializer,
      Serializer<Outcome> outcomeSerializer,
      Topics topics) {
    this.producer = producer;
    this.serializer = serializer;
    this.ackSerializer = ackSerializer;
    this.outcomeSerializer = outcomeSerializer;
    this.spans = topics.agentSpans().name();
    this.acks = topics.commandAcks().name();
    this.outcomes = topics.outcomes().name();
    this.deadLetters = topics.deadLetters().name();
  }

  /**
   * Connects in the background; neither broker nor registry need be there yet.
   *
   * @param clients settings of Kafka clients, such as addresses and how to log in
   * @param registry see {@link io.fuseline.schemas.serde.RegistrySettings}
   */
  public static TopicSpanSink open(
      Map<String, Object> clients, Map<String, Object> registry, Topics topics) {
    Map<String, Object> settings = new HashMap<>(clients);
    // The same span written twice would be known by its id; it would still cost a record.
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    // Callers wait for the acknowledgement; 2 ms still gather what concurrent requests bring.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 2);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCKS_AT_MOST.toMillis());
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(REQUEST_WITHIN.toMillis()));
    settings.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        Math.toIntExact(ANSWERS_WITHIN.minus(BLOCKS_AT_MOST).toMillis()));
    AvroSerializer<AgentSpan> serializer = new AvroSerializer<>(AgentSpan.class);
    serializer.configure(registry, false);
    AvroSerializer<CommandAck> ackSerializer = new AvroSerializer<>(CommandAck.class);
    ackSerializer.configure(registry, false);
    AvroSerializer<Outcome> outcomeSerializer = new AvroSerializer<>(Outcome.class);
    outcomeSerializer.configure(registry, false);
    return new TopicSpanSink(
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
        serializer,
        ackSerializer,
        outcomeSerializer,
        topics);
  }

  @Override
  public void keep(Intake intake) throws NotKeptException {
    write(records(intake));
  }

  @Override
  public void keep(List<CommandAck> answers) throws NotKeptException {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    try {
      for (CommandAck ack : answers) {
        byte[] target = ack.getTarget().getBytes(StandardCharsets.UTF_8);
        records.add(new ProducerRecord<>(acks, target, ackSerializer.serialize(acks, ack)));
      }
    } catch (KafkaException e) {
      throw new NotKeptException(NotKeptException.Cause.UNREACHABLE, e.getMessage(), e);
    }
    write(records);
  }

  private void write(List<ProducerRecord<byte[], byte[]>> records) throws NotKeptException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> record : records) {
      Future<RecordMetadata> acknowledgement = send(record);
      if (acknowledgement.isDone()) {
        await(acknowledgement); // what failed at once would, for each further record, block again
      }
      sent.add(acknowledgement);
    }
    for (Future<RecordMetadata> acknowledgement : sent) {
      await(acknowledgement);
    }
  }

  /** Everything is written as bytes before the first byte is sent. */
  private List<ProducerRecord<byte[], byte[]>> records(Intake intake) throws NotKeptException {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    try {
      for (CheckedSpan.Accepted accepted : intake.accepted()) {
        byte[] root = accepted.rootRunId().getBytes(StandardCharsets.UTF_8);
        records.add(
            new ProducerRecord<>(spans, root, serializer.serialize(spans, accepted.span())));
      }
      for (CheckedOutcome.Accepted accepted : intake.outcomes()) {
        byte[] root = accepted.rootRunId().getBytes(StandardCharsets.UTF_8);
        byte[] value = outcomeSerializer.serialize(outcomes, accepted.outcome());
        records.add(new ProducerRecord<>(outcomes, root, value));
      }
    } catch (KafkaException e) {
      throw new NotKeptException(NotKeptException.Cause.UNREACHABLE, e.getMessage(), e);
    }
    for (RejectedSpan rejected : intake.rejected()) {
      records.add(
          new ProducerRecord<>(
              deadLetters, null, null, null, rejected.original(), DeadLetterHeaders.of(rejected)));
    }
    return records;
  }

  private Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record)
      throws NotKeptException {
    try {
      return producer.send(record);
    } catch (KafkaException e) {
      throw unreachable(e);
    }
  }

  private static void await(Future<RecordMetadata> acknowledgement) throws NotKeptException {
    try {
      acknowledgement.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BufferExhaustedException) {
        throw new NotKeptException(
            NotKeptException.Cause.TOO_MUCH,
            "More comes in than the broker takes; the producer's buffer is full",
            e);
      }
      throw unreachable(e.getCause());
    }
  }

  private static NotKeptException unreachable(Throwable cause) {
    return new NotKeptException(
        NotKeptException.Cause.UNREACHABLE,
        "The broker did not acknowledge: " + cause.getMessage(),
        cause);
  }

  /** Waits for what is under way, at most as long as a caller would. */
  @Override
  public void close() {
    producer.close(ANSWERS_WITHIN);
    serializer.close();
    ackSerializer.close();
    outcomeSerializer.close();
  }
}
