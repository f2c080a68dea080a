package io.fuseline.deploy.chaos;

import io.fuseline.deploy.pipeline.Deployment;
import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.CommandAck;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.topics.TopicSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The agents' side: reads commands before their transactions commit and answers each, but for the
 * stops of those who are deaf.
 */
final class Runtimes implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Deployment deployment;
  private final Set<String> deaf;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile RuntimeException failure;

  private Runtimes(Deployment deployment, Set<String> deaf) {
    this.deployment = deployment;
    this.deaf = deaf;
    this.thread = new Thread(this::work, "chaos-runtimes");
    this.thread.setDaemon(true);
  }

  /**
   * @param deaf targets whose KILL is never answered
   */
  static Runtimes start(Deployment deployment, Set<String> deaf) {
    Runtimes runtimes = new Runtimes(deployment, deaf);
    runtimes.thread.start();
    return runtimes;
  }

  private void work() {
    Map<String, Object> settings = new HashMap<>(deployment.clientSettings());
    settings.put("isolation.level", "read_uncommitted");
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    TopicSpec topic = deployment.topics().agentCommands();
    AvroDeserializer<Command> commands = new AvroDeserializer<>(Command.class);
    commands.configure(settings, false);
    AvroSerializer<CommandAck> acks = new AvroSerializer<>(CommandAck.class);
    acks.configure(settings, false);
    try (KafkaConsumer<String, Command> consumer =
            new KafkaConsumer<>(settings, new StringDeserializer(), commands);
        KafkaProducer<String, CommandAck> producer =
            new KafkaProducer<>(deployment.clientSettings(), new StringSerializer(), acks)) {
      consumer.assign(
          IntStream.range(0, topic.partitions())
              .mapToObj(partition -> new TopicPartition(topic.name(), partition))
              .toList());
      while (!stopped) {
        consumer.poll(POLL).forEach(record -> answer(producer, record.value()));
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // A lost answer shows in what is checked.
  private void answer(KafkaProducer<String, CommandAck> producer, Command command) {
    boolean stops = command.getAction() == Action.KILL || command.getAction() == Action.PAUSE;
    if (command.getAction() == Action.KILL && deaf.contains(command.getTarget())) {
      return;
    }
    CommandAck ack =
        CommandAck.newBuilder()
            .setCommandId(command.getCommandId())
            .setResult(stops ? AckResult.STOPPED : AckResult.APPLIED)
            .setTenantId(command.getTenantId())
            .setTargetType(command.getTargetType())
            .setTarget(command.getTarget())
            .setEpoch(command.getEpoch())
            .setRuntime("chaos")
            .setRootRunIds(
                command.getTargetType() == TargetType.RUN
                    ? List.of(command.getTarget())
                    : List.of())
            .setAckedAt(Instant.now())
            .build();
    producer.send(
        new ProducerRecord<>(deployment.topics().commandAcks().name(), command.getTarget(), ack));
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join();
    if (failure != null) {
      throw failure;
    }
  }
}
