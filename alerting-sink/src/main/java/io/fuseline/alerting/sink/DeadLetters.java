package io.fuseline.alerting.sink;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Keeps what could not be delivered: the record as it came, with the reason in its headers. Place
 * and message stand under the names Kafka Streams gives them, so that all dead letters read alike.
 */
final class DeadLetters {
  static final String REASON_HEADER = "fuseline.reason";
  private static final String STREAMS = "__streams.errors.";

  private final String topic;
  private final Producer<byte[], byte[]> producer;

  DeadLetters(String topic, Producer<byte[], byte[]> producer) {
    this.topic = topic;
    this.producer = producer;
  }

  /**
   * Returns when the record is kept.
   *
   * @throws KafkaException if it cannot be written; to be tried again
   */
  void keep(ConsumerRecord<byte[], byte[]> record, String reason) throws InterruptedException {
    try {
      write(record, record.value(), reason);
    } catch (RecordTooLargeException e) {
      // With its headers it has become too long: better its place and reason than nothing.
      write(
          record, null, reason + "; the value is left out, since with the headers it is too large");
    }
  }

  private void write(ConsumerRecord<byte[], byte[]> record, byte[] value, String reason)
      throws InterruptedException {
    var letter = new ProducerRecord<>(topic, record.key(), value);
    record.headers().forEach(letter.headers()::add);
    header(letter, REASON_HEADER, reason);
    header(letter, STREAMS + "message", reason);
    header(letter, STREAMS + "topic", record.topic());
    header(letter, STREAMS + "partition", Integer.toString(record.partition()));
    header(letter, STREAMS + "offset", Long.toString(record.offset()));
    try {
      producer.send(letter).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RecordTooLargeException tooLarge) {
        throw tooLarge;
      }
      throw new KafkaException("Cannot write to " + topic, e.getCause());
    }
  }

  private static void header(ProducerRecord<?, ?> letter, String name, String value) {
    letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
