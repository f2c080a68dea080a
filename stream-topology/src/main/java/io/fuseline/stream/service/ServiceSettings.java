package io.fuseline.stream.service;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.UnpricedBound;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.admission.AdmissionSettings;
import io.fuseline.stream.ingest.IngestSettings;
import io.fuseline.stream.topology.DeadLetters;
import io.fuseline.stream.topology.InvalidSpanHandler;
import io.fuseline.stream.topology.RocksDbMemory;
import io.fuseline.stream.topology.TopologySettings;
import io.fuseline.stream.topology.UndecodableRecordHandler;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Settings of the service, from a properties file or the environment. Every key that is not listed
 * here is refused, but for {@code kafka.*}, which goes to Kafka Streams without the prefix, and the
 * registry client's own keys.
 */
public final class ServiceSettings {
  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String APPLICATION_ID = "application.id";
  public static final String STATE_DIR = "state.dir";
  public static final String THREADS = "threads";
  public static final String HTTP_HOST = "http.host";
  public static final String HTTP_PORT = "http.port";
  public static final String ADVERTISED = "http.advertised";
  public static final String COMMIT_MS = "commit.ms";
  public static final String TOPICS_FILE = "topics.file";
  public static final String TOPIC_PREFIX = "topic.prefix";
  public static final String PRICED_SPANS = "priced.spans";
  public static final String SCOPE_PARTITIONS = "scope.partitions";
  public static final String RUN_IDLE = "run.idle";
  public static final String RUN_RETENTION = "run.retention";
  public static final String BILLING_CLOSE_AFTER = "billing.close.after";
  public static final String UNPRICED_MILLION_TOKENS = "unpriced.million.tokens";
  public static final String UNPRICED_TOOL_CALL = "unpriced.tool.call";
  public static final String ROLLUP_EVERY = "rollup.every";
  public static final String ROLLUP_GRACE = "rollup.grace";
  public static final String CACHE_BYTES = "cache.bytes";
  public static final String ROCKSDB_CACHE_BYTES = "rocksdb.cache.bytes";
  public static final String DEAD_LETTERS_PER_MINUTE = "dead.letters.per.minute";
  public static final String SESSION_MS = "session.ms";
  public static final String STANDBYS = "standbys";
  public static final String GROUP_PROTOCOL = "group.protocol";

  public static final String OTLP_SPANS = "otlp.spans";
  public static final String INGEST_PORT = "ingest.port";
  public static final String INGEST_TOKEN = "ingest.token";
  public static final String INGEST_BODY_BYTES = "ingest.body.bytes";
  public static final String INGEST_BYTES_IN_FLIGHT = "ingest.bytes.in.flight";

  public static final String LEASE_TTL = "admission.lease.ttl";
  public static final String LEASE_PERCENT = "admission.lease.percent";
  public static final String RESERVE = "admission.reserve";
  public static final String SETTLE = "admission.settle";
  public static final String BLIND_AFTER = "control.blind.after";

  private static final String KAFKA_PREFIX = "kafka.";
  private static final int PICO_DIGITS = 12;

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(BOOTSTRAP_SERVERS, "localhost:9092"),
          Map.entry(APPLICATION_ID, "fuseline"),
          Map.entry(STATE_DIR, "fuseline-state"),
          // One thread a core; each thread works on whole partitions.
          Map.entry(THREADS, String.valueOf(Runtime.getRuntime().availableProcessors())),
          // Loopback: there is no authentication.
          Map.entry(HTTP_HOST, "127.0.0.1"),
          Map.entry(HTTP_PORT, "8420"),
          Map.entry(ADVERTISED, ""),
          // Half a second: the ledger on read-committed topics is this far behind, and so are
          // commands about agents, teams and other wider scopes, whose deltas cross a topic.
          // Commands about runs do not wait for it.
          Map.entry(COMMIT_MS, "500"),
          Map.entry(TOPICS_FILE, ""),
          Map.entry(TOPIC_PREFIX, ""),
          Map.entry(PRICED_SPANS, "true"),
          // Off: who has no Collector writing to Kafka need not read one more topic.
          Map.entry(OTLP_SPANS, "false"),
          Map.entry(INGEST_PORT, ""),
          Map.entry(INGEST_TOKEN, ""),
          Map.entry(INGEST_BODY_BYTES, String.valueOf(IngestSettings.DEFAULT_BODY_BYTES)),
          Map.entry(INGEST_BYTES_IN_FLIGHT, String.valueOf(IngestSettings.DEFAULT_BYTES_IN_FLIGHT)),
          // Five seconds: a holder asks every few calls, and what a dead pipeline lets through is
          // small.
          Map.entry(LEASE_TTL, "PT5S"),
          // Half of what is left, shared by the holders: the last half is for those who come next.
          Map.entry(LEASE_PERCENT, "50"),
          Map.entry(RESERVE, "PT10S"),
          // Longer than a rebalance with standbys; commits come every half second.
          Map.entry(BLIND_AFTER, "PT10S"),
          // OpenTelemetry sends spans every 5 s, and 10 s of lag are not called blind.
          Map.entry(SETTLE, "PT15S"),
          Map.entry(SCOPE_PARTITIONS, "6"),
          Map.entry(RUN_IDLE, "PT30M"),
          Map.entry(RUN_RETENTION, "P7D"),
          // Three days into the next month the bill is written: later corrections stand on the
          // next.
          Map.entry(BILLING_CLOSE_AFTER, "P3D"),
          // Empty: the dearest price of the same provider, which follows the price list; a tool has
          // no
          // such neighbour and no bound.
          Map.entry(UNPRICED_MILLION_TOKENS, ""),
          Map.entry(UNPRICED_TOOL_CALL, ""),
          Map.entry(ROLLUP_EVERY, "PT10S"),
          Map.entry(ROLLUP_GRACE, "PT30S"),
          // 64 MiB over all threads: runs, scopes and windows as objects, all that change between
          // two commits and as many others as there is room for.
          Map.entry(CACHE_BYTES, String.valueOf(64L << 20)),
          Map.entry(ROCKSDB_CACHE_BYTES, String.valueOf(RocksDbMemory.DEFAULT_CACHE_BYTES)),
          Map.entry(DEAD_LETTERS_PER_MINUTE, "10000"),
          // Ten seconds until a dead instance's runs are watched again, where Kafka's default is
          // 45.
          Map.entry(SESSION_MS, "10000"),
          Map.entry(STANDBYS, "0"),
          // classic: the streams protocol needs a new group id on a topology change and has a 45 s
          // session floor.
          Map.entry(GROUP_PROTOCOL, "classic"));

  private final Map<String, String> values;
  private final Map<String, Object> registry;
  private final Map<String, Object> kafka = new HashMap<>();

  private ServiceSettings(Map<String, String> values, Map<String, Object> registry) {
    this.values = values;
    this.registry = registry;
  }

  /**
   * Reads settings; what is not given has its default.
   *
   * @throws IllegalArgumentException naming every key that is not known, or a value that is out of
   *     range
   */
  public static ServiceSettings of(Map<String, String> given) {
    Map<String, String> values = new HashMap<>(DEFAULTS);
    Map<String, Object> registry = new HashMap<>();
    Map<String, Object> kafka = new HashMap<>();
    Set<String> unknown = new TreeSet<>();
    given.forEach(
        (key, value) -> {
          if (DEFAULTS.containsKey(key)) {
            values.put(key, value);
          } else if (key.startsWith(KAFKA_PREFIX)) {
            kafka.put(key.substring(KAFKA_PREFIX.length()), value);
          } else if (RegistrySettings.isRegistrySetting(key)) {
            registry.put(key, value);
          } else {
            unknown.add(key);
          }
        });
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "Unknown settings: "
              + String.join(", ", unknown)
              + ". Known: "
              + String.join(", ", new TreeSet<>(DEFAULTS.keySet()))
              + ", kafka.*, schema.registry.*.");
    }
    if (!registry.containsKey(RegistrySettings.SCHEMA_REGISTRY_URL)) {
      throw new IllegalArgumentException(
          RegistrySettings.SCHEMA_REGISTRY_URL
              + " is missing: give the address of the schema registry, such as http://localhost:8081.");
    }
    ServiceSettings settings = new ServiceSettings(values, registry);
    settings.kafka.putAll(kafka);
    settings.ingest();
    settings.admission();
    settings.topology(0); // finds faults before anything is started
    return settings;
  }

  String text(String key) {
    return values.get(key);
  }

  int number(String key, int least, int most) {
    try {
      int value = Integer.parseInt(values.get(key).trim());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below, together with what is out of range
    }
    throw new IllegalArgumentException(
        "%s is '%s'; give a whole number from %d to %d."
            .formatted(key, values.get(key), least, most));
  }

  private Duration duration(String key) {
    try {
      Duration value = Duration.parse(values.get(key).trim());
      if (value.compareTo(Duration.ofMillis(100)) >= 0) {
        return value;
      }
    } catch (DateTimeParseException e) {
      // told below, together with what is out of range
    }
    throw new IllegalArgumentException(
        "%s is '%s'; give an ISO-8601 duration of at least PT0.1S, such as PT30M."
            .formatted(key, values.get(key)));
  }

  /** Pico-units; -1 when none is given. */
  private long bound(String key) {
    String text = values.get(key).trim();
    if (text.isEmpty()) {
      return -1;
    }
    try {
      long pico = new BigDecimal(text).movePointRight(PICO_DIGITS).longValueExact();
      if (pico >= 0 && pico <= PriceBook.MAX_PRICE_PICO) {
        return pico;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // told below, together with what is out of range
    }
    throw new IllegalArgumentException(
        "%s is '%s'; give an amount of money from 0 to 1000000 with at most 12 decimals, such as 75, or leave it out."
            .formatted(key, values.get(key)));
  }

  Topics topics() {
    Topics topics =
        text(TOPICS_FILE).isEmpty() ? Topics.defaults() : Topics.load(Path.of(text(TOPICS_FILE)));
    return text(TOPIC_PREFIX).isEmpty() ? topics : topics.withPrefix(text(TOPIC_PREFIX));
  }

  Map<String, Object> registry() {
    return registry;
  }

  TopologySettings topology(int spanPartitions) {
    return new TopologySettings(
        topics(),
        "USD",
        spanPartitions,
        number(SCOPE_PARTITIONS, 1, 10_000),
        Boolean.parseBoolean(text(PRICED_SPANS)),
        duration(RUN_IDLE),
        duration(RUN_RETENTION),
        duration(BILLING_CLOSE_AFTER),
        new UnpricedBound(bound(UNPRICED_MILLION_TOKENS), bound(UNPRICED_TOOL_CALL)),
        duration(ROLLUP_EVERY),
        duration(ROLLUP_GRACE),
        Boolean.parseBoolean(text(OTLP_SPANS)));
  }

  AdmissionSettings admission() {
    AdmissionSettings admission =
        new AdmissionSettings(
            duration(LEASE_TTL),
            number(LEASE_PERCENT, 1, 100),
            duration(RESERVE),
            duration(SETTLE));
    if (admission.settle().compareTo(blindAfter()) < 0) {
      throw new IllegalArgumentException(
          "%s is %s, shorter than %s (%s): what a lease was spent on would be forgotten before the lag that hides it is noticed. Give at least as much."
              .formatted(SETTLE, admission.settle(), BLIND_AFTER, blindAfter()));
    }
    return admission;
  }

  /** How old what the pipeline has not seen may be before it calls itself blind. */
  Duration blindAfter() {
    return duration(BLIND_AFTER);
  }

  IngestSettings ingest() {
    return new IngestSettings(
        text(INGEST_PORT).isBlank()
            ? OptionalInt.empty()
            : OptionalInt.of(number(INGEST_PORT, 0, 65_535)),
        text(INGEST_TOKEN).isBlank() ? Optional.empty() : Optional.of(text(INGEST_TOKEN)),
        number(INGEST_BODY_BYTES, 1 << 10, Integer.MAX_VALUE - 8),
        number(INGEST_BYTES_IN_FLIGHT, 1 << 10, Integer.MAX_VALUE));
  }

  /** Settings of clients of our own, such as the cluster's addresses and how to log in. */
  Map<String, Object> clients() {
    Map<String, Object> clients = new HashMap<>(kafka);
    clients.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, text(BOOTSTRAP_SERVERS));
    return clients;
  }

  StreamsConfig streams(String advertised, DeadLetters deadLetters) {
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, text(APPLICATION_ID));
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, text(BOOTSTRAP_SERVERS));
    config.put(StreamsConfig.STATE_DIR_CONFIG, text(STATE_DIR));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, number(THREADS, 1, 256));
    config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, advertised);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    int commitMs = number(COMMIT_MS, 10, 60_000);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitMs);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.parseLong(text(CACHE_BYTES)));
    config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, number(STANDBYS, 0, 10));
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, text(GROUP_PROTOCOL));
    // A silent rename of a store or internal topic would lose state.
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.class);
    config.put(RocksDbMemory.CACHE_BYTES, text(ROCKSDB_CACHE_BYTES));
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, topics().deadLetters().name());
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        UndecodableRecordHandler.class);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, InvalidSpanHandler.class);
    config.put(DeadLetters.CONFIG, deadLetters);
    int sessionMs = number(SESSION_MS, 3_000, 300_000);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), sessionMs);
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), sessionMs / 4);
    // Who takes over waits until the broker has aborted what the dead instance had open: no longer
    // than it takes to count it as dead.
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        Math.max(sessionMs, 2 * commitMs));
    // Prices and policies that break the code that follows them are a fault too, not to be passed
    // over.
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
    // Spans and prices from before the first start count too.
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // Spans and returned spans need not be merged in the order of their time: no partition waits
    // for another, and none has to be found empty at every choice of a task.
    config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    // A command must be on the topic within milliseconds; 2 ms still makes batches under load.
    config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 2);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    // Kept spans come some hundred at a time. Each batch costs the compressor 128 KiB of garbage.
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 * 1024);
    // After each commit the broker refuses the next transaction for some milliseconds, until the
    // last one's markers are written. Kafka's default would wait 100 ms, and a command with it.
    config.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 5);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG), 500);
    config.putAll(kafka);
    return new StreamsConfig(config);
  }
}
