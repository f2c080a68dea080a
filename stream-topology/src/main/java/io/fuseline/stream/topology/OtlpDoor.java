package io.fuseline.stream.topology;

import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.ingest.DeadLetterHeaders;
import io.fuseline.stream.ingest.Ingest;
import io.fuseline.stream.ingest.Intake;
import io.fuseline.stream.ingest.RejectedSpan;
import io.fuseline.stream.ingest.SpanIntake;
import io.fuseline.stream.ingest.UnreadableBatchException;
import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.metrics.IngestMetrics.Way;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Turns OpenTelemetry batches into spans for the span topic, each keyed by its root run. A batch
 * that cannot be read is refused whole, before anything was forwarded; spans that cannot be booked
 * are forwarded as dead letters.
 */
final class OtlpDoor extends ContextualProcessor<byte[], byte[], byte[], OtlpDoor.Out> {
  private final Topics topics;
  private final Serializer<AgentSpan> serializer;
  private final FuselineMetrics metrics;
  private SpanIntake intake;
  private DeadLetters deadLetters;

  OtlpDoor(Topics topics, Serializer<AgentSpan> serializer, FuselineMetrics metrics) {
    this.topics = topics;
    this.serializer = serializer;
    this.metrics = metrics;
  }

  /**
   * What leaves.
   *
   * @param bytes of a record: a span as Avro, or, rejected, the batch it would be alone
   */
  record Out(boolean rejected, byte[] bytes) {}

  @Override
  public void init(ProcessorContext<byte[], Out> context) {
    super.init(context);
    intake = new SpanIntake(Normaliser.standard(), () -> context.currentSystemTimeMs() * 1_000);
    deadLetters = DeadLetters.from(context.appConfigs());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    Intake taken = read(record.value());
    List<Record<byte[], Out>> out = new ArrayList<>();
    for (CheckedSpan.Accepted accepted : taken.accepted()) {
      byte[] root = accepted.rootRunId().getBytes(StandardCharsets.UTF_8);
      out.add(new Record<>(root, new Out(false, avro(accepted)), record.timestamp()));
    }
    for (RejectedSpan rejected : taken.rejected()) {
      out.add(
          new Record<>(
              record.key(),
              new Out(true, rejected.original()),
              record.timestamp(),
              headers(rejected)));
    }
    Ingest.count(Way.OTLP_TOPIC, taken, metrics.ingest());
    out.forEach(context()::forward);
  }

  private Intake read(byte[] batch) {
    if (batch == null) {
      throw new InvalidSpanException(
          "empty_record",
          "A record without a value came in on "
              + topics.otlpSpans().name()
              + ". Expected an OpenTelemetry batch as the Collector's Kafka exporter writes it.",
          null);
    }
    try {
      return intake.traces(batch);
    } catch (UnreadableBatchException e) {
      throw new InvalidSpanException("broken_otlp", e.getMessage(), e);
    }
  }

  private byte[] avro(CheckedSpan.Accepted accepted) {
    try {
      return serializer.serialize(topics.agentSpans().name(), accepted.span());
    } catch (SerializationException e) {
      throw new InvalidSpanException("unwritable", e.getMessage(), e);
    }
  }

  /** Throws when there were so many that the application must stop. */
  private Headers headers(RejectedSpan rejected) {
    String place =
        context()
            .recordMetadata()
            .map(from -> from.topic() + "-" + from.partition() + "@" + from.offset())
            .orElse("");
    if (!deadLetters.admit(rejected.reason(), place, rejected.message())) {
      throw new InvalidSpanException(rejected.reason(), rejected.message(), null);
    }
    return DeadLetterHeaders.of(rejected);
  }
}
