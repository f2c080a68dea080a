package io.fuseline.alerting.sink;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps on record what became of each event at each destination: one JSON object on a topic, keyed
 * by the event's id, and one line in the log.
 */
final class Deliveries {
  private static final Logger LOG = LoggerFactory.getLogger("io.fuseline.deliveries");

  private final String topic;
  private final Producer<byte[], byte[]> producer;

  Deliveries(String topic, Producer<byte[], byte[]> producer) {
    this.topic = topic;
    this.producer = producer;
  }

  /**
   * Returns when the record is kept.
   *
   * @throws KafkaException if it cannot be written; to be tried again
   */
  void keep(Destination destination, Event event, Outcome outcome) throws InterruptedException {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("event_id", event.id());
    json.put("event_type", event.type());
    json.put("episode_id", event.episode());
    json.put("destination", destination.name());
    json.put("destination_type", destination.settings().type());
    json.put("result", outcome.result().written());
    json.put("attempts", outcome.attempts());
    json.put("issued_at", event.issuedAt().toString());
    json.put(
        "first_attempt_at",
        outcome.firstAttemptAt() == null ? null : outcome.firstAttemptAt().toString());
    json.put("ended_at", outcome.endedAt().toString());
    json.put("detail", outcome.detail());
    if (event.kind() == Event.Kind.DIGEST) {
      json.set("events", event.data().path("event_ids"));
    }
    var record =
        new ProducerRecord<>(
            topic,
            event.id().getBytes(StandardCharsets.UTF_8),
            json.toString().getBytes(StandardCharsets.UTF_8));
    try {
      producer.send(record).get();
    } catch (ExecutionException e) {
      throw new KafkaException("Cannot write to " + topic, e.getCause());
    }
    LOG.info(
        "{} {} to {} after {} attempts: {}",
        event.id(),
        outcome.result().written(),
        destination.name(),
        outcome.attempts(),
        outcome.detail());
  }
}
