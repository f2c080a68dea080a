package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The pipeline's sums as the manual of Kafka Streams would have them: prices joined as a global
 * table, then for each dimension a grouping and for each window an aggregation. It leaves out what
 * the DSL has no word for: no span counts once that comes twice, none is priced as of its time,
 * nothing is judged, no command is sent. Where there is a choice it takes the cheaper one: prices
 * in memory, sums of fixed width instead of Avro, no sums written out.
 */
final class DslTopology {
  /** As late as a span may be in the minutes; partitions are read at different speeds. */
  private static final Duration GRACE = Duration.ofHours(1);

  private final String spansTopic;
  private final String pricesTopic;
  private final Serde<AgentSpan> spans;

  /** A span with what it costs. */
  private record Priced(AgentSpan span, Spend spend) {}

  /**
   * @param pricesTopic {@link ModelPrices} by {@link ModelPrices#key}
   * @param spans how spans are read
   */
  DslTopology(String spansTopic, String pricesTopic, Serde<AgentSpan> spans) {
    this.spansTopic = spansTopic;
    this.pricesTopic = pricesTopic;
    this.spans = spans;
  }

  Topology build() {
    StreamsBuilder builder = new StreamsBuilder();
    GlobalKTable<String, ModelPrices> prices =
        builder.globalTable(
            pricesTopic,
            Consumed.with(Serdes.String(), ModelPrices.SERDE),
            Materialized.as(Stores.inMemoryKeyValueStore("model-prices")));
    KStream<String, Priced> priced =
        builder.stream(
                spansTopic,
                Consumed.with(Serdes.String(), spans)
                    .withTimestampExtractor(
                        (record, newest) ->
                            ((AgentSpan) record.value()).getEndTime().toEpochMilli()))
            .leftJoin(
                prices,
                (run, span) -> ModelPrices.key(span),
                (span, found) -> new Priced(span, ModelPrices.spend(span, found)));
    for (SpendDimension dimension : SpendDimension.values()) {
      KGroupedStream<String, Spend> grouped =
          priced
              .filter((run, each) -> dimension.has(each.span()))
              .map((run, each) -> KeyValue.pair(dimension.key(each.span()), each.spend()))
              .groupByKey(Grouped.with(dimension.label(), Serdes.String(), Spend.SERDE));
      for (SpendWindow window : SpendWindow.values()) {
        grouped
            .windowedBy(TimeWindows.ofSizeAndGrace(window.size(), GRACE))
            .aggregate(
                () -> Spend.NONE,
                (key, one, sum) -> sum.plus(one),
                Materialized.<String, Spend, WindowStore<Bytes, byte[]>>as(
                        dimension.label() + "-" + window.label())
                    .withKeySerde(Serdes.String())
                    .withValueSerde(Spend.SERDE));
      }
    }
    return builder.build();
  }
}
