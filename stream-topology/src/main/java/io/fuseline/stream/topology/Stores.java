package io.fuseline.stream.topology;

import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.CommandEvent;
import io.fuseline.stream.judge.DeltaSum;
import io.fuseline.stream.judge.OpenCommand;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.SpanRecord;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/** The state stores: what they hold and which of them gather writes until the next commit. */
final class Stores {
  static final Serde<ScopeKey> SCOPE_KEYS = StateSerde.of(ScopeKey::toBytes, ScopeKey::fromBytes);
  static final Serde<DeltaSum> DELTAS = StateSerde.of(DeltaSum::toBytes, DeltaSum::fromBytes);

  static final Serde<CommandEvent> COMMAND_EVENTS =
      StateSerde.of(CommandEvent::toBytes, CommandEvent::fromBytes);

  private static final Serde<CellKey> CELL_KEYS =
      StateSerde.of(CellKey::toBytes, CellKey::fromBytes);

  private Stores() {}

  static Set<StoreBuilder<?>> ofRuns(StateMemory memory) {
    return inOrder(
        decoded(
            RunProcessor.RUNS,
            Serdes.String(),
            StateSerde.of(RunState::toBytes, RunState::fromBytes),
            memory),
        passing(
            RunProcessor.SPANS,
            Serdes.String(),
            StateSerde.of(SpanRecord::toBytes, SpanRecord::fromBytes),
            memory),
        direct(RunProcessor.REPRICING, Serdes.String(), Serdes.ByteArray()),
        direct(RunProcessor.WATCHED, Serdes.String(), Serdes.ByteArray()),
        direct(RunProcessor.DEADLINES, Serdes.Bytes(), Serdes.ByteArray()),
        new Outbox.Builder(RunProcessor.OUTBOX));
  }

  static Set<StoreBuilder<?>> ofScopes(StateMemory memory) {
    return inOrder(
        decoded(
            ScopeProcessor.SCOPES,
            SCOPE_KEYS,
            StateSerde.of(ScopeState::toBytes, ScopeState::fromBytes),
            memory),
        decoded(
            ScopeProcessor.CELLS, CELL_KEYS, StateSerde.of(Cell::toBytes, Cell::fromBytes), memory),
        passing(ScopeProcessor.ACTIVE_RUNS, Serdes.Bytes(), Serdes.Long(), memory),
        direct(ScopeProcessor.WATCHED, SCOPE_KEYS, Serdes.ByteArray()),
        direct(ScopeProcessor.DEADLINES, Serdes.Bytes(), Serdes.ByteArray()));
  }

  static Set<StoreBuilder<?>> ofCommands() {
    return inOrder(
        direct(
            CommandProcessor.OPEN,
            Serdes.String(),
            StateSerde.of(OpenCommand::toBytes, OpenCommand::fromBytes)),
        direct(CommandProcessor.FENCES, Serdes.String(), Serdes.Long()),
        direct(CommandProcessor.DEADLINES, Serdes.Bytes(), Serdes.ByteArray()));
  }

  /** In the order given, so that the topology's description is the same in every process. */
  private static Set<StoreBuilder<?>> inOrder(StoreBuilder<?>... builders) {
    return new LinkedHashSet<>(List.of(builders));
  }

  /**
   * Hot values change with every span: they stay objects until the next commit, and only the last
   * state of each goes into the changelog.
   */
  private static <K, V> StoreBuilder<DecodedStore<K, V>> decoded(
      String name, Serde<K> keys, Serde<V> values, StateMemory memory) {
    return new DecodedStoreBuilder<>(
        direct(name, Serdes.Bytes(), Serdes.ByteArray()), keys, values, memory, false);
  }

  /** Values that are written once and seldom read again go to RocksDB some at a time. */
  private static <K, V> StoreBuilder<DecodedStore<K, V>> passing(
      String name, Serde<K> keys, Serde<V> values, StateMemory memory) {
    return new DecodedStoreBuilder<>(
        direct(name, Serdes.Bytes(), Serdes.ByteArray()), keys, values, memory, true);
  }

  private static <K, V> StoreBuilder<KeyValueStore<K, V>> direct(
      String name, Serde<K> keys, Serde<V> values) {
    return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
            org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name), keys, values)
        .withCachingDisabled();
  }
}
