package io.fuseline.stream.topology;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.serde.UndecodableRecordException;
import io.fuseline.stream.metrics.FuselineMetrics;
import java.util.Locale;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Decodes and checks what arrives; nothing has been changed yet when it refuses a record. Forwards
 * an {@link Arrival} keyed by root run.
 */
final class SpanDoor extends ContextualProcessor<byte[], byte[], String, Arrival> {
  private final Deserializer<AgentSpan> deserializer;
  private final Placement placement;
  private final String topic;
  private final FuselineMetrics metrics;

  SpanDoor(
      Deserializer<AgentSpan> deserializer,
      Placement placement,
      String topic,
      FuselineMetrics metrics) {
    this.deserializer = deserializer;
    this.placement = placement;
    this.topic = topic;
    this.metrics = metrics;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    AgentSpan span = decode(record);
    CheckedSpan checked = SpanCheck.check(span, context().currentSystemTimeMs() * 1000);
    if (checked instanceof CheckedSpan.Rejected rejected) {
      throw new InvalidSpanException(
          rejected.reason().name().toLowerCase(Locale.ROOT), rejected.message(), null);
    }
    CheckedSpan.Accepted accepted = (CheckedSpan.Accepted) checked;
    boolean atHome =
        placement.isHome(accepted.rootRunId(), record.key(), context().taskId().partition());
    if (atHome) {
      metrics.span();
      if (!accepted.remarks().isEmpty()) {
        metrics.clamped();
      }
    } else {
      metrics.miskeyed();
    }
    context()
        .forward(
            record
                .withKey(accepted.rootRunId())
                .withValue(new Arrival(accepted, atHome ? null : record.value())));
  }

  private AgentSpan decode(Record<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new InvalidSpanException(
          "empty_record",
          "A record without a value came in on "
              + topic
              + ". Expected an AgentSpan in the Confluent wire format; spans are not deleted.",
          null);
    }
    try {
      return deserializer.deserialize(topic, record.headers(), record.value());
    } catch (UndecodableRecordException e) {
      throw new InvalidSpanException("undecodable", e.getMessage(), e);
    }
  }
}
