package io.fuseline.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The oracle is a sorted map of what was kept, and a copy of it as of the last commit. */
class DecodedStoreProperties {
  private static final Serde<AtomicLong> VALUES =
      StateSerde.of(
          value -> value.toString().getBytes(StandardCharsets.UTF_8),
          bytes -> new AtomicLong(Long.parseLong(new String(bytes, StandardCharsets.UTF_8))));

  private KeyValueStore<Bytes, byte[]> below;
  private DecodedStore<String, AtomicLong> store;

  @BeforeTry
  void open() {
    open(Long.MAX_VALUE, false);
  }

  private void open(long heapBytes, boolean passing) {
    below =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("below"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    store = new DecodedStore<>(below, Serdes.String(), VALUES, new StateMemory(heapBytes), passing);
    store.init(
        new MockProcessorContext<Void, Void>(new Properties()).getStateStoreContext(), store);
  }

  enum Kind {
    ADD,
    DELETE,
    COMMIT
  }

  record Act(Kind kind, String key) {}

  @Provide
  Arbitrary<List<Act>> acts() {
    Arbitrary<Kind> kinds = Arbitraries.of(Kind.ADD, Kind.ADD, Kind.ADD, Kind.DELETE, Kind.COMMIT);
    Arbitrary<String> keys = Arbitraries.integers().between(0, 200).map(n -> "k" + n);
    return Combinators.combine(kinds, keys).as(Act::new).list().ofMaxSize(500);
  }

  @Property(tries = 200)
  void shouldHoldWhatWasKeptHoweverLittleFitsInMemory(
      @ForAll("acts") List<Act> acts, @ForAll boolean roomy, @ForAll boolean passing) {
    open(roomy ? Long.MAX_VALUE : 1, passing);
    TreeMap<String, Long> kept = new TreeMap<>();
    for (Act act : acts) {
      act(act, kept);
      assertThat(read(act.key())).isEqualTo(kept.get(act.key()));
    }
    assertThat(read(store.all())).isEqualTo(list(kept));
    assertThat(read(store.range("k2", "k4"))).isEqualTo(list(kept.subMap("k2", true, "k4", true)));
    assertThat(read(store.range("k2", null))).isEqualTo(list(kept.tailMap("k2", true)));
    assertThat(read(store.prefixScan("k3", new StringSerializer())))
        .isEqualTo(list(kept.subMap("k3", true, "k4", false)));
  }

  @Property(tries = 100)
  void shouldHaveBelowWhatWasCommittedAndNothingElse(@ForAll("acts") List<Act> acts) {
    TreeMap<String, Long> kept = new TreeMap<>();
    TreeMap<String, Long> committed = new TreeMap<>();
    for (Act act : acts) {
      act(act, kept);
      if (act.kind() == Kind.COMMIT) {
        committed = new TreeMap<>(kept);
      }
    }
    assertThat(readBelow()).isEqualTo(list(committed));

    store.forget();

    assertThat(read(store.all())).isEqualTo(list(committed));
  }

  private void act(Act act, Map<String, Long> kept) {
    switch (act.kind()) {
      case ADD -> {
        AtomicLong live = store.live(act.key());
        AtomicLong value = live == null ? new AtomicLong() : live;
        value.incrementAndGet();
        store.put(act.key(), value);
        kept.merge(act.key(), 1L, Long::sum);
      }
      case DELETE -> {
        store.delete(act.key());
        kept.remove(act.key());
      }
      case COMMIT -> store.flushCache();
    }
  }

  @Example
  void shouldGiveQueriesACopyThatTheOwnerDoesNotChange() {
    AtomicLong value = new AtomicLong(1);
    store.put("k", value);
    AtomicLong asked = store.get("k");
    AtomicLong scanned = store.all().next().value;

    value.set(2);

    assertThat(asked).hasValue(1);
    assertThat(scanned).hasValue(1);
    assertThat(store.live("k")).isSameAs(value);
  }

  private Long read(String key) {
    AtomicLong value = store.get(key);
    return value == null ? null : value.get();
  }

  private static List<String> list(Map<String, Long> kept) {
    return kept.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
  }

  private static List<String> read(KeyValueIterator<String, AtomicLong> entries) {
    List<String> all = new ArrayList<>();
    try (entries) {
      while (entries.hasNext()) {
        String peeked = entries.peekNextKey();
        KeyValue<String, AtomicLong> entry = entries.next();
        assertThat(peeked).isEqualTo(entry.key);
        all.add(entry.key + "=" + entry.value);
      }
    }
    return all;
  }

  private List<String> readBelow() {
    List<String> all = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> entries = below.all()) {
      entries.forEachRemaining(
          entry ->
              all.add(
                  new String(entry.key.get(), StandardCharsets.UTF_8)
                      + "="
                      + new String(entry.value, StandardCharsets.UTF_8)));
    }
    return all;
  }
}
