package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.serde.AvroDeserializer;
import io.fuseline.schemas.serde.AvroSerde;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.stream.service.StreamService;
import io.fuseline.stream.topology.RocksDbMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * One rung in a process of its own. Its only argument is a properties file. It answers on standard
 * output, a line each, and is told on standard input what to do; when that ends, so does it.
 *
 * <ul>
 *   <li>A loop reads all records once and gives a reading after the warm-up and one at the end.
 *   <li>A Streams rung says {@value #READY}, works off the warm-up, on {@value #OPEN} gives a
 *       reading and goes on, on {@value #READ} gives a reading, on {@value #COUNT} what it has
 *       asked of its state, on {@value #MEMORY} what memory it holds, on {@value #PORT} where it
 *       serves HTTP, on {@value #AWAIT} waits until all partitions are assigned and restored and
 *       gives a reading, on {@value #STOP} ends.
 * </ul>
 */
final class RungApplication {
  static final String READY = "ready";
  static final String OPEN = "open";
  static final String READ = "read";
  static final String COUNT = "count";
  static final String MEMORY = "memory";
  static final String PORT = "port";
  static final String AWAIT = "await";
  static final String STOP = "stop";

  /** Settings: what rung, which topics, how many records are warm-up. */
  static final String RUNG = "rung";

  static final String SPANS_TOPIC = "spans.topic";
  static final String COPY_TOPIC = "copy.topic";
  static final String MODEL_PRICES_TOPIC = "model.prices.topic";

  /** Records of the warm-up, by partition, separated by commas; empty: there is no gate. */
  static final String WARM_UP = "warm.up";

  static final String APPLICATION_ID = "application.id";
  static final String STATE_DIR = "state.dir";
  static final String COMMIT_MS = "commit.ms";

  /** Where a flight recording of the measured part goes; missing: none is made. */
  static final String RECORDING = "recording";

  /** Whether RocksDB counts what it is asked. */
  static final String COUNTING = "counting";

  /** Begins the settings of the pipeline. */
  static final String SERVICE = "service.";

  /** As the service has it. */
  private static final long CACHE_BYTES = 64L << 20;

  /** What serves no HTTP. */
  private static final int NO_PORT = -1;

  /** Restoring the state of millions of runs takes minutes. */
  private static final Duration AT_WORK_WITHIN = Duration.ofMinutes(10);

  private static final Duration POLL = Duration.ofMillis(100);

  /** What keeps the compiler from dropping work whose result nobody wants. */
  @SuppressWarnings("unused")
  private static volatile long residue;

  private final Properties settings;
  private final PrintStream out;

  private RungApplication(Properties settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      settings.load(in);
    }
    new RungApplication(settings, new PrintStream(System.out, true, StandardCharsets.UTF_8)).run();
    System.exit(0);
  }

  private void run() throws Exception {
    Rung rung = Rung.valueOf(settings.getProperty(RUNG));
    switch (rung.kind()) {
      case LOOP -> loop(rung == Rung.L0 ? record -> record.value().length : decoding());
      case STREAMS -> {
        closeGate();
        try (KafkaStreams streams = new KafkaStreams(topology(rung), streamsConfig())) {
          streams.start();
          obey(NO_PORT, () -> streams.state() == KafkaStreams.State.RUNNING);
        }
      }
      case PIPELINE -> {
        closeGate();
        try (StreamService service = StreamService.start(serviceSettings())) {
          obey(service.port(), service::isRunning);
        }
      }
    }
  }

  private void loop(ToLongFunction<ConsumerRecord<byte[], byte[]>> work) {
    long warmUp = warmUp().stream().mapToLong(Long::longValue).sum();
    long done = 0;
    long sum = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Collection<TopicPartition> partitions = partitions();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long all = consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      while (done < all) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          sum += work.applyAsLong(record);
          if (++done == warmUp) {
            out.println(Reading.now().toLine());
          }
        }
      }
    }
    out.println(Reading.now().toLine());
    residue = sum;
  }

  private ToLongFunction<ConsumerRecord<byte[], byte[]>> decoding() {
    AvroDeserializer<AgentSpan> deserializer = new AvroDeserializer<>(AgentSpan.class);
    deserializer.configure(registrySettings(), false);
    return record -> deserializer.deserialize(record.topic(), record.value()).getSpanId().length();
  }

  private Topology topology(Rung rung) {
    return switch (rung) {
      case L2 -> dropping();
      case L3 -> copying();
      case DSL ->
          new DslTopology(
                  settings.getProperty(SPANS_TOPIC),
                  settings.getProperty(MODEL_PRICES_TOPIC),
                  AvroSerde.ofValues(AgentSpan.class, registrySettings()))
              .build();
      default -> throw new IllegalArgumentException(rung + " is no topology of the bench");
    };
  }

  private Topology dropping() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(
            settings.getProperty(SPANS_TOPIC),
            Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .foreach((key, value) -> {});
    return builder.build();
  }

  private Topology copying() {
    AvroSerde<AgentSpan> spans = AvroSerde.ofValues(AgentSpan.class, registrySettings());
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(settings.getProperty(SPANS_TOPIC), Consumed.with(Serdes.ByteArray(), spans))
        .to(settings.getProperty(COPY_TOPIC), Produced.with(Serdes.ByteArray(), spans));
    return builder.build();
  }

  private void obey(int port, BooleanSupplier running)
      throws IOException, ParseException, InterruptedException {
    out.println(READY);
    Recording recording = null;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case OPEN -> {
          if (settings.containsKey(RECORDING)) {
            recording = new Recording(Configuration.getConfiguration("profile"));
            recording.start();
          }
          out.println(Reading.now().toLine());
          GatedClients.open();
        }
        case READ -> out.println(Reading.now().toLine());
        case AWAIT -> {
          long deadline = System.nanoTime() + AT_WORK_WITHIN.toNanos();
          while (!running.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
              throw new IOException("Not at work after " + AT_WORK_WITHIN.toMinutes() + " minutes");
            }
            TimeUnit.MILLISECONDS.sleep(10);
          }
          out.println(Reading.now().toLine());
        }
        case PORT -> out.println(port);
        case MEMORY -> out.println(MemoryUse.now().toLine());
        case COUNT -> out.println(CountingRocksDb.now().toLine());
        case STOP -> {
          if (recording != null) {
            recording.stop();
            recording.dump(Path.of(settings.getProperty(RECORDING)));
            recording.close();
          }
          return;
        }
        default -> throw new IOException("Unknown order '" + line + "'");
      }
    }
  }

  private void closeGate() {
    List<Long> warmUp = warmUp();
    Map<TopicPartition, Long> limits = new HashMap<>();
    for (int partition = 0; partition < warmUp.size(); partition++) {
      limits.put(
          new TopicPartition(settings.getProperty(SPANS_TOPIC), partition), warmUp.get(partition));
    }
    GatedClients.holdAt(limits);
  }

  private List<Long> warmUp() {
    String offsets = settings.getProperty(WARM_UP);
    return offsets.isEmpty()
        ? List.of()
        : List.of(offsets.split(",")).stream().map(Long::valueOf).toList();
  }

  private Collection<TopicPartition> partitions() {
    return IntStream.range(0, warmUp().size())
        .mapToObj(partition -> new TopicPartition(settings.getProperty(SPANS_TOPIC), partition))
        .toList();
  }

  private Map<String, Object> consumerSettings() {
    return Map.of(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        settings.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG),
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        // As the consumers inside Kafka Streams.
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_committed",
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        1_000);
  }

  private Map<String, Object> registrySettings() {
    return Map.of(
        RegistrySettings.SCHEMA_REGISTRY_URL,
        settings.getProperty(RegistrySettings.SCHEMA_REGISTRY_URL));
  }

  /** As {@link io.fuseline.stream.service.ServiceSettings} has it for the pipeline. */
  private StreamsConfig streamsConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put(
        StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
        settings.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.getProperty(APPLICATION_ID));
    config.put(StreamsConfig.STATE_DIR_CONFIG, settings.getProperty(STATE_DIR));
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.getProperty(COMMIT_MS));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, GatedClients.class);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
    config.put(
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG,
        Boolean.parseBoolean(settings.getProperty(COUNTING))
            ? CountingRocksDb.class
            : RocksDbMemory.class);
    // Sizes are read from the broker at the end: nothing may be purged before.
    config.put(StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, 3_600_000);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 2);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    return new StreamsConfig(config);
  }

  private Map<String, String> serviceSettings() {
    Map<String, String> service = new HashMap<>();
    for (String name : settings.stringPropertyNames()) {
      if (name.startsWith(SERVICE)) {
        service.put(name.substring(SERVICE.length()), settings.getProperty(name));
      }
    }
    return service;
  }
}
