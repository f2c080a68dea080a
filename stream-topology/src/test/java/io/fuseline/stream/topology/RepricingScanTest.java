package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.price.UnpricedBound;
import io.fuseline.schemas.PriceEntry;
import io.fuseline.schemas.PriceKind;
import io.fuseline.stream.judge.SpanRecord;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepricingScanTest {
  private static final int KEPT = 100;

  @TempDir private Path stateDir;
  private KeyValueStore<String, SpanRecord> spans;
  private KeyValueStore<String, byte[]> progress;
  private PriceFeed prices = feed(UnpricedBound.DEAREST);
  private final List<String> visited = new ArrayList<>();
  private long nowMillis = 1_000_000;

  @BeforeEach
  void open() {
    var context =
        new MockProcessorContext<Void, Void>(new Properties(), new TaskId(0, 0), stateDir.toFile());
    spans = store(context, "spans", StateSerde.of(SpanRecord::toBytes, SpanRecord::fromBytes));
    progress = store(context, "progress", Serdes.ByteArray());
    for (int i = 0; i < KEPT; i++) {
      spans.put("run\u0000span-" + i, SpanRecord.RESPONSE);
    }
  }

  @Test
  void shouldVisitEachSpanOnceHoweverSmallTheSlices() {
    RepricingScan scan = new RepricingScan(prices, spans, progress);
    int slices = 0;
    while (scan.isDue(nowMillis)) {
      walk(scan, 7);
      slices++;
    }

    assertThat(visited).hasSize(KEPT).doesNotHaveDuplicates();
    assertThat(slices).isGreaterThan(1);
  }

  @Test
  void shouldLookAtNothingAfterARestartWhenThePricesAreTheSame() {
    prices.follow("a", price("a", "1"));
    prices.follow("b", price("b", "2"));
    settled(new RepricingScan(prices, spans, progress));

    prices = feed(UnpricedBound.DEAREST);
    prices.follow("b", price("b", "2"));
    prices.follow("a", price("a", "7"));
    prices.follow("a", price("a", "1"));

    assertThat(new RepricingScan(prices, spans, progress).isDue(nowMillis)).isFalse();
  }

  @Test
  void shouldLookAgainAfterARestartWhenPricesHaveChangedMeanwhile() {
    prices.follow("a", price("a", "1"));
    settled(new RepricingScan(prices, spans, progress));

    prices = feed(UnpricedBound.DEAREST);
    prices.follow("a", price("a", "2"));

    assertThat(new RepricingScan(prices, spans, progress).isDue(nowMillis)).isTrue();
  }

  @Test
  void shouldLookAgainAfterARestartWhenWhatHasNoPriceIsBoundedOtherwise() {
    settled(new RepricingScan(prices, spans, progress));

    prices = feed(UnpricedBound.DEAREST.withToolCall(1));

    assertThat(new RepricingScan(prices, spans, progress).isDue(nowMillis)).isTrue();
  }

  @Test
  void shouldLookAgainAfterACrashWhenASpanWasPricedByOtherPricesBeforeIt() {
    prices.follow("a", price("a", "1"));
    RepricingScan scan = settled(new RepricingScan(prices, spans, progress));
    prices.follow("a", price("a", "2"));
    scan.onPriced(); // and the span is kept, in the same transaction

    // The instance that takes over has not read the change yet.
    prices = feed(UnpricedBound.DEAREST);
    prices.follow("a", price("a", "1"));

    assertThat(new RepricingScan(prices, spans, progress).isDue(nowMillis)).isTrue();
  }

  @Test
  void shouldBeginAgainWhenPricesChangeDuringTheWalk() {
    RepricingScan scan = new RepricingScan(prices, spans, progress);
    walk(scan, 50);
    prices.follow("a", price("a", "1"));
    walk(scan, KEPT); // to its end

    assertThat(visited).hasSize(KEPT).doesNotHaveDuplicates();
    assertThat(scan.isUnsettled()).isTrue();
    visited.clear();
    settled(scan);
    assertThat(visited).hasSize(KEPT);
  }

  @Test
  void shouldWaitUntilTheBookIsStill() {
    RepricingScan scan = settled(new RepricingScan(prices, spans, progress));
    for (int i = 0; i < 5; i++) {
      prices.follow("a", price("a", String.valueOf(i)));
      assertThat(scan.isDue(nowMillis)).isFalse();
      nowMillis += 999;
    }
    assertThat(scan.isDue(nowMillis)).isFalse();

    assertThat(scan.isDue(nowMillis + 1)).isTrue();
  }

  @Test
  void shouldNotWaitForEverWhenTheBookIsNeverStill() {
    RepricingScan scan = settled(new RepricingScan(prices, spans, progress));
    long begin = nowMillis;
    boolean due = false;
    for (int i = 0; !due; i++) {
      prices.follow("a", price("a", String.valueOf(i)));
      nowMillis += 500;
      due = scan.isDue(nowMillis);
      assertThat(nowMillis - begin).isLessThan(60_000);
    }
  }

  @Test
  void shouldNotBeDueWhenAPriceComesAgainAsItIs() {
    prices.follow("a", price("a", "1"));
    RepricingScan scan = settled(new RepricingScan(prices, spans, progress));

    prices.follow("a", price("a", "1"));
    prices.follow("never there", null);

    assertThat(scan.isUnsettled()).isFalse();
  }

  private RepricingScan settled(RepricingScan scan) {
    scan.isDue(nowMillis); // the change is seen
    nowMillis += 1_000; // the book is still
    while (scan.isDue(nowMillis)) {
      walk(scan, KEPT);
      nowMillis += 1_000;
    }
    assertThat(scan.isUnsettled()).isFalse();
    return scan;
  }

  /** A slice that is over after so many spans. */
  private void walk(RepricingScan scan, int most) {
    int before = visited.size();
    scan.walk(
        new RepricingScan.Visitor() {
          private boolean begun;

          @Override
          public void visit(String key, SpanRecord record) {
            visited.add(key);
          }

          @Override
          public boolean goesOn() {
            boolean goesOn = !begun || visited.size() - before < most;
            begun = true;
            return goesOn;
          }
        });
  }

  private static PriceFeed feed(UnpricedBound bound) {
    return new PriceFeed("USD", bound);
  }

  private static PriceEntry price(String id, String usd) {
    return PriceEntry.newBuilder()
        .setPriceId(id)
        .setKind(PriceKind.MODEL)
        .setProvider("p")
        .setSku(id)
        .setUnit("input_tokens")
        .setPrice(new BigDecimal(usd))
        .setCurrency("USD")
        .setServiceTier("standard")
        .setValidFrom(Instant.parse("2026-01-01T00:00:00Z"))
        .setSource("test")
        .build();
  }

  private static <V> KeyValueStore<String, V> store(
      MockProcessorContext<Void, Void> context, String name, Serde<V> values) {
    KeyValueStore<String, V> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), values)
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    return store;
  }
}
