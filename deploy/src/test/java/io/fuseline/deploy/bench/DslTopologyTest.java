package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.AgentSpan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyWindowStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DslTopologyTest {
  private static final Instant FROM = Instant.parse("2026-01-02T03:58:30Z");
  private static final Duration TIME = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  void shouldHoldTheSumsOfARecomputationWhenSpansWereRead() {
    Map<String, ModelPrices> prices = ModelPrices.defaults();
    List<AgentSpan> spans = new ArrayList<>();
    new Workload(3, WorkloadShape.DEFAULT, "run", 3_000, FROM, FROM.plus(TIME))
        .forEachRemaining(spans::add);

    try (TopologyTestDriver driver =
        new TopologyTestDriver(
            new DslTopology("spans", "prices", SPANS).build(), settings(folder))) {
      var pricesIn =
          driver.createInputTopic("prices", new StringSerializer(), ModelPrices.SERDE.serializer());
      prices.forEach(pricesIn::pipeInput);
      var spansIn = driver.createInputTopic("spans", new StringSerializer(), SPANS.serializer());
      spans.forEach(span -> spansIn.pipeInput(span.getRootRunId(), span));

      for (SpendDimension dimension : SpendDimension.values()) {
        for (SpendWindow window : SpendWindow.values()) {
          String store = dimension.label() + "-" + window.label();
          assertThat(sums(driver.getTimestampedWindowStore(store)))
              .as(store)
              .isEqualTo(recomputed(spans, prices, dimension, window));
        }
      }
    }
    assertThat(spans).anySatisfy(span -> assertThat(prices).containsKey(ModelPrices.key(span)));
  }

  private static Map<String, Spend> recomputed(
      List<AgentSpan> spans,
      Map<String, ModelPrices> prices,
      SpendDimension dimension,
      SpendWindow window) {
    Map<String, Spend> sums = new TreeMap<>();
    for (AgentSpan span : spans) {
      if (dimension.has(span)) {
        sums.merge(
            dimension.key(span) + "@" + window.start(span.getEndTime().toEpochMilli()),
            ModelPrices.spend(span, prices.get(ModelPrices.key(span))),
            Spend::plus);
      }
    }
    return sums;
  }

  private static Map<String, Spend> sums(
      ReadOnlyWindowStore<String, ValueAndTimestamp<Spend>> store) {
    Map<String, Spend> sums = new TreeMap<>();
    try (KeyValueIterator<Windowed<String>, ValueAndTimestamp<Spend>> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<Windowed<String>, ValueAndTimestamp<Spend>> each = all.next();
        sums.put(each.key.key() + "@" + each.key.window().start(), each.value.value());
      }
    }
    return sums;
  }

  private static Properties settings(Path folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "dsl");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:9092");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    return settings;
  }

  /** Spans without a registry. */
  private static final Serde<AgentSpan> SPANS =
      Serdes.serdeFrom(
          (topic, span) -> {
            try {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
              new SpecificDatumWriter<>(AgentSpan.class).write(span, encoder);
              return bytes.toByteArray();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          },
          (topic, bytes) -> {
            try {
              var decoder =
                  DecoderFactory.get().directBinaryDecoder(new ByteArrayInputStream(bytes), null);
              return new SpecificDatumReader<>(AgentSpan.class).read(null, decoder);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
}
