package io.fuseline.alerting.client;

import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.serde.AvroSerializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes acknowledgements to their topic, keyed by target as the commands are. */
final class AckTopic implements AckChannel {
  private static final Logger LOG = LoggerFactory.getLogger(AckTopic.class);

  private final String topic;
  private final KafkaProducer<String, CommandAck> producer;

  AckTopic(KillSwitchSettings settings) {
    topic = settings.topics().commandAcks().name();
    var serializer = new AvroSerializer<>(CommandAck.class);
    serializer.configure(ClientConfig.registry(settings), false);
    producer = new KafkaProducer<>(producerConfig(settings), new StringSerializer(), serializer);
  }

  private static Map<String, Object> producerConfig(KillSwitchSettings settings) {
    var config = new HashMap<String, Object>(ClientConfig.kafka(settings));
    // An acknowledgement is rare and awaited: written once, to all replicas, without lingering.
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // A handler thread waits no longer than this for a broker that is away; the default is 60 s.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    return config;
  }

  @Override
  public void send(CommandAck ack) {
    try {
      producer.send(
          new ProducerRecord<>(topic, ack.getTarget(), ack),
          (written, failure) -> {
            if (failure != null) {
              reportUnsent(ack, failure);
            }
          });
    } catch (RuntimeException e) {
      reportUnsent(ack, e);
    }
  }

  private void reportUnsent(CommandAck ack, Exception failure) {
    LOG.error(
        "Acknowledgement {} of command {} for {} {} could not be written to {}; the command will escalate at its deadline",
        ack.getResult(),
        ack.getCommandId(),
        ack.getTargetType(),
        ack.getTarget(),
        topic,
        failure);
  }

  @Override
  public void close(Duration patience) {
    producer.close(patience);
  }
}
