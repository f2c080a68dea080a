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
import org.apache.flink.streaming.api.datastream.KeyedStream;
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

/**
 * The pipeline's sums and one of its detectors as a Flink job, by the book: a key per dimension's
 * value, three tumbling windows in event time, aggregated as records come; and a keyed process
 * function that finds the same call three times in a row. RocksDB state, checkpoints that are
 * exactly-once and incremental, a transactional sink. One slot, in a cluster of its own within the
 * process.
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

  /** The job runs in this process: its source counts here. */
  private static final AtomicLong READ = new AtomicLong();

  private static OtherProgram program;

  private FlinkSums() {}

  public static void main(String[] args) throws Exception {
    program = OtherProgram.ofFile(Path.of(args[0]));
    createTopics();
    try (StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, configuration())) {
      env.getConfig().enableObjectReuse();
      build(env);
      env.execute("sums");
    }
    program.tell(READ.get(), 0);
    System.exit(0);
  }

  private static void createTopics() throws InterruptedException, ExecutionException {
    List<NewTopic> topics = new ArrayList<>();
    for (SpendWindow window : SpendWindow.values()) {
      topics.add(topic("sums-" + window.label()));
    }
    topics.add(topic("commands"));
    try (Admin admin =
        Admin.create(
            Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, program.bootstrapServers()))) {
      admin.createTopics(topics).all().get();
    }
  }

  private static NewTopic topic(String name) {
    return new NewTopic(
        program.name() + "-" + name, Optional.of(program.partitions().size()), Optional.empty());
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", "rocksdb");
    configuration.setString("execution.checkpointing.incremental", "true");
    configuration.setString(
        "execution.checkpointing.dir", program.folder().resolve("checkpoints").toUri().toString());
    configuration.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    configuration.setString(
        "execution.checkpointing.interval", program.commitMs() + " ms");
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
    KeyedStream<Fact, String> byValue =
        facts.filter(fact -> !fact.f0.startsWith(RUN)).keyBy(fact -> fact.f0);
    for (SpendWindow window : SpendWindow.values()) {
      byValue
          .window(TumblingEventTimeWindows.of(window.size()))
          .aggregate(new Sum(), new Written(window.label()))
          .name("sum-" + window.label())
          .sinkTo(sink("sums-" + window.label()));
    }
    facts
        .filter(fact -> fact.f0.startsWith(RUN))
        .keyBy(fact -> fact.f0)
        .process(new SameCall())
        .name("same-call")
        .sinkTo(sink("commands"));
  }

  private static KafkaSink<byte[]> sink(String name) {
    return KafkaSink.<byte[]>builder()
        .setBootstrapServers(program.bootstrapServers())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(program.name() + "-" + name)
        .setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "600000")
        .setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4")
        .setProperty(ProducerConfig.LINGER_MS_CONFIG, "2")
        .setRecordSerializer(
            KafkaRecordSerializationSchema.<byte[]>builder()
                .setTopic(program.name() + "-" + name)
                .setValueSerializationSchema(new AsItIs())
                .build())
        .build();
  }

  /**
   * One span for one key: the key, event time in milliseconds, cost, tokens, spans, model calls, tool
   * calls, hash of the call.
   */
  public static final class Fact
      extends Tuple8<String, Long, Long, Long, Long, Long, Long, Long> {
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
          out.collect(
              new Fact(dimension.label() + "/" + dimension.key(span), millis, spend, 0));
        }
      }
      if (span.getKind() == SpanKind.TOOL) {
        long call = 31 * span.getArgumentHash() + span.getResultHash();
        out.collect(new Fact(RUN + span.getRootRunId(), millis, spend, call));
      }
      long read = READ.incrementAndGet();
      if (read == program.warmUp()) {
        program.tell(read, 0);
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

  private static final class Written
      extends ProcessWindowFunction<Total, byte[], String, TimeWindow> {
    @Serial private static final long serialVersionUID = 1;

    private final String window;

    Written(String window) {
      this.window = window;
    }

    @Override
    public void process(
        String key, Context context, Iterable<Total> totals, Collector<byte[]> out) {
      byte[] name =
          (key + "/" + window + "/" + context.window().getStart()).getBytes(StandardCharsets.UTF_8);
      for (Total total : totals) {
        out.collect(
            ByteBuffer.allocate(name.length + 5 * Long.BYTES)
                .put(name)
                .putLong(total.f0)
                .putLong(total.f1)
                .putLong(total.f2)
                .putLong(total.f3)
                .putLong(total.f4)
                .array());
      }
    }
  }

  /** A class, since Flink asks it for its type. */
  private static final class AsItIs implements SerializationSchema<byte[]> {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public byte[] serialize(byte[] bytes) {
      return bytes;
    }
  }

  /** Three times the same call with the same result: the run is to be stopped, once. */
  private static final class SameCall extends KeyedProcessFunction<String, Fact, byte[]> {
    @Serial private static final long serialVersionUID = 1;

    private transient ValueState<Tuple2<Long, Integer>> last;

    @Override
    public void open(OpenContext context) {
      last =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>("last", Types.TUPLE(Types.LONG, Types.INT)));
    }

    @Override
    public void processElement(Fact fact, Context context, Collector<byte[]> out)
        throws Exception {
      Tuple2<Long, Integer> before = last.value();
      int times = before != null && before.f0.equals(fact.f7) ? before.f1 + 1 : 1;
      last.update(Tuple2.of(fact.f7, times));
      if (times == REPEATS) {
        out.collect(("KILL " + fact.f0).getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
