package io.fuseline.alerting.sink;

import io.fuseline.alerting.sink.Event.Kind;
import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerializer;
import io.fuseline.schemas.serde.RegistrySettings;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers alerts and commands to every destination a route leads to, at least once, in order for
 * each key. Each destination reads the topics by itself, with consumer groups of its own: one that
 * is slow or down holds up no other.
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

  /** Longer than a digest may be tried, retries included. */
  private static final int DIGEST_POLL_INTERVAL_MS = (int) Duration.ofHours(2).toMillis();

  private static final String READ_COMMITTED = "read_committed";
  private static final String READ_UNCOMMITTED = "read_uncommitted";

  private final SinkSettings settings;
  private final Clock clock = Clock.systemUTC();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final List<Dispatcher> dispatchers = new ArrayList<>();
  private final List<Pump> pumps = new ArrayList<>();
  private KafkaProducer<byte[], byte[]> producer;

  public SinkService(SinkSettings settings) {
    this.settings = settings;
    settings.routes().destinations().forEach(one -> tallies.put(one.name(), new Tally()));
  }

  /**
   * Starts delivering, on threads of its own.
   *
   * @throws org.apache.kafka.common.KafkaException if a client setting is wrong
   * @throws IllegalStateException if started before
   */
  public synchronized void start() {
    if (producer != null) {
      throw new IllegalStateException("The sink was started before; make a new one");
    }
    producer =
        new KafkaProducer<>(producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
    var deadLetters = new DeadLetters(settings.topics().deadLetters().name(), producer);
    var deliveries = new Deliveries(settings.topics().sinkDeliveries().name(), producer);
    var ownAlerts = new OwnAlerts(alertWriter(), clock);
    var alertsKept = false;
    var commandsKept = false;
    for (var destination : settings.routes().destinations()) {
      var dispatcher = dispatcher(destination, ownAlerts);
      // A line in the log is its own record.
      var books =
          new Courier.Books(
              destination.settings() instanceof LogSettings ? null : deliveries, deadLetters);
      if (destination.settings().mayTake(Kind.ALERT) || settings.routes().revokeAt(destination)) {
        pumps.add(alertPump(dispatcher, !alertsKept, books));
        alertsKept = true;
      }
      if (destination.settings().mayTake(Kind.COMMAND)) {
        pumps.add(commandPump(dispatcher, !commandsKept, books));
        commandsKept = true;
      }
      for (var route : settings.routes().digestsTo(destination)) {
        pumps.add(digestPump(route, dispatcher, books));
      }
    }
    pumps.forEach(Pump::start);
    LOG.info("Sink delivers to {}", settings.routes().destinations());
  }

  /** What was done since {@link #start}, by name of the destination. */
  public Map<String, SinkCounters> counters() {
    return Collections.unmodifiableMap(tallies);
  }

  /** Stops within some seconds; what is under way then is delivered again by the next start. */
  @Override
  public synchronized void close() {
    pumps.forEach(Pump::stop);
    pumps.forEach(pump -> pump.close(CLOSE_PATIENCE));
    pumps.clear();
    dispatchers.forEach(Dispatcher::close);
    dispatchers.clear();
    if (producer != null) {
      producer.close(CLOSE_PATIENCE);
    }
  }

  private Dispatcher dispatcher(Destination destination, OwnAlerts ownAlerts) {
    var dispatcher =
        new Dispatcher(
            destination,
            destination.settings().open(clock),
            new Breaker(Breaker.FAILURES, Breaker.REST, clock),
            tallies.get(destination.name()),
            ownAlerts,
            clock,
            RandomGenerator.getDefault(),
            Pause.SLEEP);
    dispatchers.add(dispatcher);
    return dispatcher;
  }

  private Pump alertPump(Dispatcher dispatcher, boolean keepsUnreadable, Courier.Books books) {
    var name = dispatcher.destination().name();
    return new TopicPump(
        name,
        settings.topics().costAlerts().name(),
        consumer(dispatcher, "alerts", READ_COMMITTED, Map.of()),
        new Courier(alerts(), settings.routes(), dispatcher, null, keepsUnreadable, books));
  }

  private Pump commandPump(Dispatcher dispatcher, boolean keepsUnreadable, Courier.Books books) {
    var name = dispatcher.destination().name();
    return new TopicPump(
        name,
        settings.topics().agentCommands().name(),
        consumer(dispatcher, "commands", READ_UNCOMMITTED, Map.of()),
        new Courier(
            commands(),
            settings.routes(),
            dispatcher,
            new RecentIds(REMEMBERED_COMMANDS),
            keepsUnreadable,
            books));
  }

  private Pump digestPump(Route route, Dispatcher dispatcher, Courier.Books books) {
    var alertTopic = settings.topics().costAlerts().name();
    var alerts = alerts();
    var commands = commands();
    return new DigestPump(
        route,
        List.of(alertTopic, settings.topics().agentCommands().name()),
        consumer(
            dispatcher,
            "digest-" + route.number(),
            READ_COMMITTED,
            Map.of(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, DIGEST_POLL_INTERVAL_MS)),
        record -> (record.topic().equals(alertTopic) ? alerts : commands).apply(record),
        settings.routes(),
        dispatcher,
        books.deliveries(),
        clock);
  }

  private Function<ConsumerRecord<byte[], byte[]>, Event> alerts() {
    return reader(Alert.class, Event::of);
  }

  private Function<ConsumerRecord<byte[], byte[]>, Event> commands() {
    return reader(Command.class, Event::of);
  }

  private <T extends SpecificRecord> Function<ConsumerRecord<byte[], byte[]>, Event> reader(
      Class<T> type, Function<T, Event> event) {
    var decoder = new AvroDeserializer<>(type);
    decoder.configure(registryConfig(), false);
    return record -> {
      var value = decoder.deserialize(record.topic(), record.value());
      return value == null ? null : event.apply(value);
    };
  }

  private Consumer<Alert> alertWriter() {
    var topic = settings.topics().costAlerts().name();
    var encoder = new AvroSerializer<>(Alert.class);
    encoder.configure(registryConfig(), false);
    return alert -> {
      var key = alert.getTarget().getBytes(StandardCharsets.UTF_8);
      try {
        producer.send(new ProducerRecord<>(topic, key, encoder.serialize(topic, alert))).get();
      } catch (ExecutionException e) {
        throw new KafkaException("Cannot write to " + topic, e.getCause());
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    };
  }

  private KafkaConsumer<byte[], byte[]> consumer(
      Dispatcher dispatcher, String suffix, String isolation, Map<String, Object> more) {
    var destination = dispatcher.destination();
    var config = kafkaConfig();
    config.put(
        ConsumerConfig.GROUP_ID_CONFIG,
        settings.groupId() + "-" + destination.name() + "-" + suffix);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    // Offsets are committed after delivery.
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, destination.startAt());
    // Few at a time: what is fetched waits in memory while a receiver is down.
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
    config.putAll(more);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Map<String, Object> producerConfig() {
    var config = kafkaConfig();
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    // Each delivery waits for its record.
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return config;
  }

  private Map<String, Object> registryConfig() {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(RegistrySettings.SCHEMA_REGISTRY_URL, settings.registryUrl());
    return config;
  }

  private Map<String, Object> kafkaConfig() {
    var config = new HashMap<String, Object>(settings.clientProperties());
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    return config;
  }
}
