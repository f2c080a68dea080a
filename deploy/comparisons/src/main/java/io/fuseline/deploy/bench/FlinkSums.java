package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.serde.AvroDeserializer;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.api.java.tuple.Tuple8;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The pipeline's sums and one of its detectors as a Flink job: a key per dimension's value,
 * tumbling windows in event time, aggregated as records come, the hour from its minutes and the day
 * from its hours; and a keyed process function that finds the same call three times in a row.
 * RocksDB state, checkpoints that are exactly-once and incremental, a transactional sink. One slot,
 * in a cluster of its own within the process.
 *
 * <p>A sum is written when its window ends, not as it grows. Prices are a map in memory. No span
 * counts once that comes twice.
 */
public final class FlinkSums {
  /** As much as the other programs give to RocksDB. */
  private static final String MANAGED_MEMORY = "256m";

  /** Partitions are read at different speeds, but each has a watermark of its own. */
  private static final Duration OUT_OF_ORDER = Duration.ofSeconds(10);

  private static final int REPEATS = 3;
  private static final String RUN = "run/";
  private static final String COMMANDS = "commands";

  /** The job runs in this process: its source counts here. */
  private static final AtomicLong READ = new AtomicLong();

  private static OtherProgram program;

  private FlinkSums() {}

  public static void main(String[] args) throws Exception {
    program = OtherProgram.ofFile(Path.of(args[0]));
    Map<SpendKey, Spend> expected = program.sums(program.ends(program.spansTopic()));
    createTopics();
    try (StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, configuration())) {
      env.getConfig().enableObjectReuse();
      build(env);
      env.execute("sums");
      OtherReading end = OtherProgram.reading(READ.get(), 0);
      OtherProgram.check(expected, written());
      program.tell(end);
    } catch (Exception e) {
      throw OtherProgram.failed(e);
    }
    System.exit(0);
  }

  private static void createTopics() throws InterruptedException, ExecutionException {
    List<NewTopic> topics = new ArrayList<>();
    for (SpendWindow window : SpendWindow.values()) {
      topics.add(topic(sums(window)));
    }
    topics.add(topic(COMMANDS));
    try (Admin admin =
        Admin.create(
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, program.bootstrapServers()))) {
      admin.createTopics(topics).all().get();
    }
  }

  private static NewTopic topic(String name) {
    return new NewTopic(topicName(name), Optional.of(program.partitions().size()), Optional.empty())
        // A sum carries the end of its window, and the day may end many hours from now.
        .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, "" + Long.MAX_VALUE));
  }

  private static String topicName(String name) {
    return program.name() + "-" + name;
  }

  private static String sums(SpendWindow window) {
    return "sums-" + window.label();
  }

  /** All sums that were written; each once, and not a run was stopped, since they are sound. */
  private static Map<SpendKey, Spend> written() {
    Map<SpendKey, Spend> sums = new HashMap<>();
    for (SpendWindow window : SpendWindow.values()) {
      program.read(
          program.ends(topicName(sums(window))),
          record -> {
            ByteBuffer bytes = ByteBuffer.wrap(record.value());
            byte[] name = new byte[bytes.getShort()];
            bytes.get(name);
            String[] key = new String(name, StandardCharsets.UTF_8).split("/", 2);
            SpendKey sum = OtherProgram.key(key[0], key[1], window.label(), bytes.getLong());
            Spend spend =
                new Spend(
                    bytes.getLong(),
                    bytes.getLong(),
                    bytes.getLong(),
                    bytes.getLong(),
                    bytes.getLong());
            if (sums.put(sum, spend) != null) {
              throw new BenchException(sum + " was written twice");
            }
          });
    }
    program.read(
        program.ends(topicName(COMMANDS)),
        record -> {
          throw new BenchException(
              new String(record.value(), StandardCharsets.UTF_8) + ", but all runs are sound");
        });
    return sums;
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", "rocksdb");
    configuration.setString("execution.checkpointing.incremental", "true");
    configuration.setString(
        "execution.checkpointing.dir", program.folder().resolve("checkpoints").toUri().toString());
    configuration.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    configuration.setString("execution.checkpointing.interval", program.commitMs() + " ms");
    configuration.setString("execution.checkpointing.tolerable-failed-checkpoints", "10");
    configuration.setString("taskmanager.memory.managed.size", MANAGED_MEMORY);
    configuration.setString("io.tmp.dirs", program.folder().resolve("tmp").toString());
    configuration.setString("restart-strategy.type", "none");
    return configuration;
  }

  private static void build(StreamExecutionEnvironment env) {
    Properties consumer = program.consumerSettings();
    KafkaSource<Fact> source =
        KafkaSource.<Fact>builder()
            .setProperties(consumer)
            .setBootstrapServers(program.bootstrapServers())
            .setGroupId(program.name())
            .setTopics(program.spansTopic())
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .setDeserializer(new Facts(program.registrySettings()))
            .build();
    SingleOutputStreamOperator<Fact> facts =
        env.fromSource(
            source,
            WatermarkStrategy.<Fact>forBoundedOutOfOrderness(OUT_OF_ORDER)
                .withTimestampAssigner((fact, offered) -> fact.f1),
            "spans");
    DataStream<Fact> parts = facts.filter(fact -> !fact.f0.startsWith(RUN));
    for (SpendWindow window : SpendWindow.values()) {
      SingleOutputStreamOperator<Fact> sums =
          parts
              .keyBy(fact -> fact.f0)
              .window(TumblingEventTimeWindows.of(window.size()))
              .aggregate(new Sum(), new Summed())
              .name("sum-" + window.label());
      sums.sinkTo(sink(sums(window), new Written(window)));
      parts = sums;
    }
    facts
        .filter(fact -> fact.f0.startsWith(RUN))
        .keyBy(fact -> fact.f0)
        .process(new SameCall())
        .name("same-call")
        .sinkTo(sink(COMMANDS, new SimpleStringSchema()));
  }

  private static <T> KafkaSink<T> sink(String name, SerializationSchema<T> schema) {
    return KafkaSink.<T>builder()
        .setBootstrapServers(program.bootstrapServers())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(topicName(name))
        .setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "600000")
        .setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4")
        .setProperty(ProducerConfig.LINGER_MS_CONFIG, "2")
        .setRecordSerializer(
            KafkaRecordSerializationSchema.<T>builder()
                .setTopic(topicName(name))
                .setValueSerializationSchema(schema)
                .build())
        .build();
  }

  /**
   * One span for one key, or what the spans of a window add up to: the key, event time in
   * milliseconds, cost, tokens, spans, model calls, tool calls, hash of the call.
   */
  public static final class Fact extends Tuple8<String, Long, Long, Long, Long, Long, Long, Long> {
    @Serial private static final long serialVersionUID = 1;

    public Fact() {}

    Fact(String key, long millis, Spend spend, long callHash) {
      super(
          key,
          millis,
          spend.costPico(),
          spend.tokens(),
          spend.spans(),
          spend.llmCalls(),
          spend.toolCalls(),
          callHash);
    }

    Fact(String key, long millis, Total total) {
      super(key, millis, total.f0, total.f1, total.f2, total.f3, total.f4, 0L);
    }
  }

  /** Decodes, prices, and makes a fact for each value the span belongs to, and one for its run. */
  private static final class Facts implements KafkaRecordDeserializationSchema<Fact> {
    @Serial private static final long serialVersionUID = 1;

    private final Map<String, Object> registry;
    private transient AvroDeserializer<AgentSpan> deserializer;
    private transient Map<String, ModelPrices> prices;

    Facts(Map<String, Object> registry) {
      this.registry = registry;
    }

    @Override
    public void open(
        org.apache.flink.api.common.serialization.DeserializationSchema.InitializationContext
            context) {
      deserializer = new AvroDeserializer<>(AgentSpan.class);
      deserializer.configure(registry, false);
      prices = ModelPrices.defaults();
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Fact> out) {
      AgentSpan span = deserializer.deserialize(record.topic(), record.value());
      Spend spend = ModelPrices.spend(span, prices.get(ModelPrices.key(span)));
      long millis = span.getEndTime().toEpochMilli();
      for (SpendDimension dimension : SpendDimension.values()) {
        if (dimension.has(span)) {
          out.collect(new Fact(dimension.label() + "/" + dimension.key(span), millis, spend, 0));
        }
      }
      if (span.getKind() == SpanKind.TOOL) {
        long call = 31 * span.getArgumentHash() + span.getResultHash();
        out.collect(new Fact(RUN + span.getRootRunId(), millis, spend, call));
      }
      long read = READ.incrementAndGet();
      if (read == program.warmUp()) {
        program.tell(OtherProgram.reading(read, 0));
      }
    }

    @Override
    public TypeInformation<Fact> getProducedType() {
      return TypeInformation.of(Fact.class);
    }
  }

  /** Cost, tokens, spans, model calls, tool calls. */
  public static final class Total extends Tuple5<Long, Long, Long, Long, Long> {
    @Serial private static final long serialVersionUID = 1;

    public Total() {
      super(0L, 0L, 0L, 0L, 0L);
    }
  }

  private static final class Sum implements AggregateFunction<Fact, Total, Total> {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public Total createAccumulator() {
      return new Total();
    }

    @Override
    public Total add(Fact fact, Total total) {
      total.f0 += fact.f2;
      total.f1 += fact.f3;
      total.f2 += fact.f4;
      total.f3 += fact.f5;
      total.f4 += fact.f6;
      return total;
    }

    @Override
    public Total getResult(Total total) {
      return total;
    }

    @Override
    public Total merge(Total one, Total other) {
      throw new UnsupportedOperationException("tumbling windows are not merged");
    }
  }

  /** The sum of a window, at the last moment of it. */
  private static final class Summed extends ProcessWindowFunction<Total, Fact, String, TimeWindow> {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public void process(
        String key,
        ProcessWindowFunction<Total, Fact, String, TimeWindow>.Context context,
        Iterable<Total> totals,
        Collector<Fact> out) {
      for (Total total : totals) {
        out.collect(new Fact(key, context.window().maxTimestamp(), total));
      }
    }
  }

  /** A sum as bytes: length of the key, key, start of the window, five sums. */
  private static final class Written implements SerializationSchema<Fact> {
    @Serial private static final long serialVersionUID = 1;

    private final SpendWindow window;

    Written(SpendWindow window) {
      this.window = window;
    }

    @Override
    public byte[] serialize(Fact sum) {
      byte[] key = sum.f0.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(Short.BYTES + key.length + 6 * Long.BYTES)
          .putShort((short) key.length)
          .put(key)
          .putLong(window.start(sum.f1))
          .putLong(sum.f2)
          .putLong(sum.f3)
          .putLong(sum.f4)
          .putLong(sum.f5)
          .putLong(sum.f6)
          .array();
    }
  }

  /** Three times the same call with the same result: the run is to be stopped, once. */
  private static final class SameCall extends KeyedProcessFunction<String, Fact, String> {
    @Serial private static final long serialVersionUID = 1;

    private transient ValueState<Tuple2<Long, Integer>> last;

    @Override
    public void open(OpenContext context) {
      last =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>("last", Types.TUPLE(Types.LONG, Types.INT)));
    }

    @Override
    public void processElement(
        Fact fact,
        KeyedProcessFunction<String, Fact, String>.Context context,
        Collector<String> out)
        throws Exception {
      Tuple2<Long, Integer> before = last.value();
      int times = before != null && before.f0.equals(fact.f7) ? before.f1 + 1 : 1;
      last.update(Tuple2.of(fact.f7, times));
      if (times == REPEATS) {
        out.collect("KILL " + fact.f0);
      }
    }
  }
}
