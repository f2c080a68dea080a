package io.fuseline.alerting.sink;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers every alert and command to the log and a webhook, at least once, in order per key.
 *
 * <p>Alerts are read when their transaction has committed. Commands are read before, since
 * milliseconds count there; one that comes again is delivered once, by its id. What cannot be
 * delivered is kept in the dead letters. Brokers and registry that are away are waited for.
 */
public final class SinkService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkService.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  /** Commands remembered for telling repetitions; they come again within seconds, or not at all. */
  private static final int REMEMBERED_COMMANDS = 10_000;

  private final SinkSettings settings;
  private final Tally tally = new Tally();
  private KafkaProducer<byte[], byte[]> deadLetterProducer;
  private final List<TopicPump> pumps = new ArrayList<>();

  public SinkService(SinkSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts delivering, on threads of its own.
   *
   * @throws org.apache.kafka.common.KafkaException if a client setting is wrong
   * @throws IllegalStateException if started before
   */
  public synchronized void start() {
    if (deadLetterProducer != null) {
      throw new IllegalStateException("The sink was started before; make a new one");
    }
    deadLetterProducer =
        new KafkaProducer<>(producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
    var deadLetters = new DeadLetters(settings.topics().deadLetters().name(), deadLetterProducer);
    var targets = targets();
    pumps.add(
        new TopicPump(
            settings.topics().costAlerts().name(),
            consumer("alerts", "read_committed"),
            new Courier(reader(Alert.class, Event::of), targets, null, deadLetters, tally)));
    pumps.add(
        new TopicPump(
            settings.topics().agentCommands().name(),
            consumer("commands", "read_uncommitted"),
            new Courier(
                reader(Command.class, Event::of),
                targets,
                new RecentIds(REMEMBERED_COMMANDS),
                deadLetters,
                tally)));
    pumps.forEach(TopicPump::start);
    LOG.info("Sink delivers to {}", targets.stream().map(SinkTarget::name).toList());
  }

  /** What was done since {@link #start}. */
  public SinkCounters counters() {
    return tally;
  }

  /** Stops within some seconds; what is under way then is delivered again by the next start. */
  @Override
  public synchronized void close() {
    pumps.forEach(pump -> pump.close(CLOSE_PATIENCE));
    pumps.clear();
    if (deadLetterProducer != null) {
      deadLetterProducer.close(CLOSE_PATIENCE);
    }
  }

  private List<SinkTarget> targets() {
    var targets = new ArrayList<SinkTarget>();
    if (settings.log()) {
      targets.add(new LogTarget());
    }
    settings
        .webhook()
        .ifPresent(
            webhook ->
                targets.add(
                    new Webhook(
                        webhook,
                        Clock.systemUTC(),
                        RandomGenerator.getDefault(),
                        delay -> TimeUnit.NANOSECONDS.sleep(delay.toNanos()),
                        tally.retried::increment)));
    return targets;
  }

  private <T extends SpecificRecord> Function<ConsumerRecord<byte[], byte[]>, Event> reader(
      Class<T> type, Function<T, Event> event) {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(RegistrySettings.SCHEMA_REGISTRY_URL, settings.registryUrl());
    var decoder = new AvroDeserializer<>(type);
    decoder.configure(config, false);
    return record -> {
      var value = decoder.deserialize(record.topic(), record.value());
      return value == null ? null : event.apply(value);
    };
  }

  private KafkaConsumer<byte[], byte[]> consumer(String suffix, String isolation) {
    var config = kafkaConfig();
    config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.groupId() + "-" + suffix);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    // Offsets are committed after delivery.
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, settings.startAt());
    // Few at a time: what is fetched waits in memory while a receiver is down.
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Map<String, Object> producerConfig() {
    var config = kafkaConfig();
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    return config;
  }

  private Map<String, Object> kafkaConfig() {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    return config;
  }
}
