package io.fuseline.stream.topology;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.serde.UndecodableRecordException;
import java.util.Locale;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Decodes and checks outcomes; nothing has been changed yet when it refuses a record. Forwards an
 * {@link OutcomeArrival} keyed by root run.
 */
final class OutcomeDoor extends ContextualProcessor<byte[], byte[], String, OutcomeArrival> {
  private final Deserializer<Outcome> deserializer;
  private final String topic;
  private final String currency;

  OutcomeDoor(Deserializer<Outcome> deserializer, String topic, String currency) {
    this.deserializer = deserializer;
    this.topic = topic;
    this.currency = currency;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    CheckedOutcome checked =
        OutcomeCheck.check(decode(record), currency, context().currentSystemTimeMs() * 1000);
    if (checked instanceof CheckedOutcome.Rejected rejected) {
      throw new InvalidSpanException(
          rejected.reason().name().toLowerCase(Locale.ROOT), rejected.message(), null);
    }
    CheckedOutcome.Accepted accepted = (CheckedOutcome.Accepted) checked;
    context()
        .forward(
            record
                .withKey(accepted.rootRunId())
                .withValue(new OutcomeArrival(accepted, record.value())));
  }

  private Outcome decode(Record<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new InvalidSpanException(
          "empty_record",
          "A record without a value came in on "
              + topic
              + ". Expected an Outcome in the Confluent wire format; outcomes are not deleted.",
          null);
    }
    try {
      return deserializer.deserialize(topic, record.headers(), record.value());
    } catch (UndecodableRecordException e) {
      throw new InvalidSpanException("undecodable", e.getMessage(), e);
    }
  }
}
