package io.fuseline.alerting;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.topics.TopicSpec;
import io.fuseline.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Fresh topics on the real broker, written to as the pipeline does, and read from their beginning.
 */
public final class TestTopics implements AutoCloseable {
  private final TestServers servers = TestServers.get();
  private final Topics topics = servers.newTopics();
  private final AvroSerializer<Command> commands = configured(new AvroSerializer<>(Command.class));
  private final AvroSerializer<Alert> alerts = configured(new AvroSerializer<>(Alert.class));
  private final KafkaProducer<String, byte[]> producer =
      new KafkaProducer<>(
          Map.of("bootstrap.servers", servers.bootstrapServers(), "linger.ms", 0),
          new StringSerializer(),
          new ByteArraySerializer());

  public Topics topics() {
    return topics;
  }

  public void write(Command command) {
    var topic = topics.agentCommands().name();
    writeBytes(topic, command.getTarget(), commands.serialize(topic, command));
  }

  public void write(Alert alert) {
    var topic = topics.costAlerts().name();
    writeBytes(topic, alert.getTarget(), alerts.serialize(topic, alert));
  }

  /**
   * Writes a command in a transaction that is left open: readers of committed records wait for it.
   */
  public AutoCloseable writeUncommitted(Command command) {
    var transactional =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                servers.bootstrapServers(),
                "transactional.id",
                "open-" + topics.agentCommands().name()),
            new StringSerializer(),
            new ByteArraySerializer());
    var topic = topics.agentCommands().name();
    transactional.initTransactions();
    transactional.beginTransaction();
    transactional.send(
        new ProducerRecord<>(topic, command.getTarget(), commands.serialize(topic, command)));
    transactional.flush();
    return () -> {
      transactional.abortTransaction();
      transactional.close();
    };
  }

  public void writeBytes(String topic, String key, byte[] value) {
    try {
      producer.send(new ProducerRecord<>(topic, key, value)).get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Everything committed on a topic now, oldest first within a partition. */
  public <T extends SpecificRecord> List<ConsumerRecord<String, T>> read(
      TopicSpec topic, Class<T> type) {
    var decoder = new AvroDeserializer<>(type);
    decoder.configure(registryConfig(), false);
    return read(topic, decoder);
  }

  public List<ConsumerRecord<String, byte[]>> readBytes(TopicSpec topic) {
    return read(topic, new ByteArrayDeserializer());
  }

  private <T> List<ConsumerRecord<String, T>> read(TopicSpec topic, Deserializer<T> decoder) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", servers.bootstrapServers());
    config.put("enable.auto.commit", false);
    config.put("isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), decoder)) {
      var partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var found = new ArrayList<ConsumerRecord<String, T>>();
      while (!ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(found::add);
      }
      return found;
    }
  }

  @Override
  public void close() {
    producer.close();
  }

  private <T extends SpecificRecord> AvroSerializer<T> configured(AvroSerializer<T> serializer) {
    serializer.configure(registryConfig(), false);
    return serializer;
  }

  private Map<String, Object> registryConfig() {
    return Map.of(RegistrySettings.SCHEMA_REGISTRY_URL, servers.registryUrl());
  }
}
