package io.fuseline.stream.topology;

import io.fuseline.schemas.CostRollup;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.judge.ActiveRuns;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellBook;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.Delta;
import io.fuseline.stream.judge.DeltaSum;
import io.fuseline.stream.judge.Ledger;
import io.fuseline.stream.judge.Rollups;
import io.fuseline.stream.judge.ScopeJudge;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.judge.Verdicts;
import io.fuseline.stream.judge.Windows;
import io.fuseline.stream.metrics.FuselineMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Loads a scope, has the sum of deltas added and judged, stores, and forwards verdicts, baselines
 * and, by the clock, roll-ups.
 */
final class ScopeProcessor extends ContextualProcessor<ScopeKey, DeltaSum, Object, Object>
    implements CellBook {
  static final String SCOPES = "scopes";
  static final String CELLS = "cells";
  static final String ACTIVE_RUNS = "active-runs";
  static final String DEADLINES = "scope-deadlines";

  /** Scopes with an open episode, to be found without looking at all scopes. */
  static final String WATCHED = "scopes-with-episodes";

  private static final byte[] NOTHING = {};
  private static final byte CLOSE_CELL = 0;
  private static final byte DROP_CELL = 1;
  private static final byte LOOK_AT_SCOPE = 2;
  private static final byte LOOK_AT_EPISODES = 3;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** Open windows that wait to be written out; beyond this they wait for their end. */
  private static final int MOST_CHANGED = 200_000;

  private final TopologySettings settings;
  private final PolicyBook policies;
  private final DecisionBook decisions;
  private final FuselineMetrics metrics;
  private final Heartbeat heartbeat;
  private final Verdicts verdicts = new Verdicts();
  private final WorkLock working = new WorkLock();

  /**
   * Cells that have changed since they were last written out; a crash only delays their next
   * writing.
   */
  private final Set<CellKey> changed = new HashSet<>();

  private ActiveRuns activeRuns;
  private ScopeJudge judge;
  private DecodedStore<ScopeKey, ScopeState> scopes;
  private DecodedStore<CellKey, Cell> cells;
  private KeyValueStore<ScopeKey, byte[]> watched;
  private Deadlines deadlines;
  private Heartbeat.Pulse pulse;
  private long decisionsSeen;
  private Cancellable clock;
  private Cancellable writer;

  ScopeProcessor(
      TopologySettings settings,
      PolicyBook policies,
      DecisionBook decisions,
      FuselineMetrics metrics,
      Heartbeat heartbeat) {
    this.settings = settings;
    this.policies = policies;
    this.decisions = decisions;
    this.metrics = metrics;
    this.heartbeat = heartbeat;
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    super.init(context);
    pulse = heartbeat.begin(context.taskId(), context.currentSystemTimeMs());
    scopes = DecodedStore.owned(context.getStateStore(SCOPES));
    scopes.guardedBy(working);
    cells = DecodedStore.owned(context.getStateStore(CELLS));
    cells.guardedBy(working);
    DecodedStore<Bytes, Long> runStore = DecodedStore.owned(context.getStateStore(ACTIVE_RUNS));
    runStore.guardedBy(working);
    activeRuns = new StoredActiveRuns(runStore);
    judge = new ScopeJudge(settings.currency(), decisions, activeRuns);
    watched = context.getStateStore(WATCHED);
    KeyValueStore<Bytes, byte[]> deadlineStore = context.getStateStore(DEADLINES);
    deadlines = new Deadlines(deadlineStore);
    clock =
        context.schedule(
            LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, working.around(this::onClock));
    writer =
        context.schedule(
            settings.rollupEvery(),
            PunctuationType.WALL_CLOCK_TIME,
            working.around(this::writeChanged));
  }

  @Override
  public void close() {
    if (clock != null) {
      clock.cancel();
      writer.cancel();
      heartbeat.end(context().taskId(), pulse);
    }
  }

  @Override
  public void process(Record<ScopeKey, DeltaSum> record) {
    working.lock();
    try {
      add(record);
    } finally {
      working.unlock();
    }
  }

  private void add(Record<ScopeKey, DeltaSum> record) {
    pulse.saw(record.timestamp());
    ScopeKey key = record.key();
    ScopeState state = scope(key);
    if (state == null) {
      state = new ScopeState();
    }
    boolean hadEpisodes = state.hasOpenEpisodes();
    boolean inMinute =
        judge.onSum(
            key,
            state,
            record.value(),
            policies.current(),
            this,
            nowMicros(),
            this::forwardBaseline,
            verdicts);
    Delta total = record.value().total();
    if (!inMinute && total.cause() == Delta.Cause.SPAN && key.dimension() == Dimension.AGENT) {
      metrics.late(total.spans());
    }
    watch(key, hadEpisodes, state.hasOpenEpisodes());
    scopes.put(key, state);
    forwardVerdicts(record.timestamp());
  }

  private ScopeState scope(ScopeKey key) {
    ScopeState state = scopes.live(key);
    if (state != null) {
      state.handOver(key, activeRuns);
    }
    return state;
  }

  @Override
  public Cell get(CellKey key) {
    return cells.live(key);
  }

  @Override
  public void put(CellKey key, Cell cell) {
    if (!cell.armed()) {
      long end = key.startMicros() + micros(Windows.length(key.window()));
      deadlines.set(
          Math.max(end, nowMicros()) + micros(settings.rollupGrace()), CLOSE_CELL, key.toBytes());
      cell.setArmed(true);
    }
    cells.put(key, cell);
    if (changed.size() < MOST_CHANGED) {
      changed.add(key);
    }
  }

  private void forwardBaseline(ScopeKey agent, String tool, long callsPerMinuteMilli) {
    context()
        .forward(
            new Record<>(
                BaselineBook.key(agent, tool),
                BaselineBook.value(callsPerMinuteMilli),
                context().currentSystemTimeMs()));
  }

  private void forwardVerdicts(long causeTimestamp) {
    if (!verdicts.isEmpty()) {
      VerdictForwarder.forward(context(), verdicts, causeTimestamp, metrics);
      verdicts.clear();
    }
  }

  private void onClock(long nowMillis) {
    pulse.beat(nowMillis);
    lookAtDecisions(nowMillis);
    for (Deadlines.Due due : deadlines.take(nowMillis * 1000)) {
      switch (due.kind()) {
        case CLOSE_CELL -> closeCell(CellKey.fromBytes(due.what()), nowMillis);
        case DROP_CELL -> dropCell(CellKey.fromBytes(due.what()), nowMillis);
        case LOOK_AT_SCOPE -> lookAtScope(ScopeKey.fromBytes(due.what()), nowMillis);
        case LOOK_AT_EPISODES -> lookAtEpisodes(ScopeKey.fromBytes(due.what()), nowMillis);
        default -> throw new IllegalStateException("Unknown deadline " + due.kind());
      }
    }
  }

  /** A window has ended, or late spans have come in since: it is written as final. */
  private void closeCell(CellKey key, long nowMillis) {
    Cell cell = cells.live(key);
    if (cell == null) {
      return;
    }
    changed.remove(key);
    boolean first = !cell.closed();
    CostRollup rollup = Rollups.next(key, cell, true, settings.currency());
    cell.setArmed(false);
    cells.put(key, cell);
    forwardRollup(key, rollup, nowMillis);
    if (first && key.window() == WindowSize.MINUTE) {
      deadlines.set(nowMillis * 1000 + micros(Ledger.MINUTE_HORIZON), DROP_CELL, key.toBytes());
    }
  }

  /** A minute is dropped once no span can reach it any more; hours and days stay. */
  private void dropCell(CellKey key, long nowMillis) {
    Cell cell = cells.live(key);
    ScopeState state = scope(key.scope());
    if (cell == null || state == null) {
      return;
    }
    boolean reachable =
        cell.armed() || Ledger.reachesMinute(key.startMicros(), state.newestMicros());
    if (reachable) {
      deadlines.set(nowMillis * 1000 + micros(Ledger.MINUTE_HORIZON), DROP_CELL, key.toBytes());
    } else {
      cells.delete(key);
    }
  }

  private void lookAtScope(ScopeKey key, long nowMillis) {
    ScopeState state = scope(key);
    if (state == null) {
      return;
    }
    judge.onClock(key, state, policies.current(), nowMillis * 1000, verdicts);
    scopes.put(key, state); // the clock may have settled a window without closing an episode
    forwardVerdicts(nowMillis);
    if (state.hasOpenEpisodes()) {
      lookLater(key);
    } else {
      watched.delete(key);
    }
  }

  private void lookAtDecisions(long nowMillis) {
    long changes = decisions.changes();
    if (changes == decisionsSeen) {
      return;
    }
    decisionsSeen = changes;
    List<ScopeKey> keys = new ArrayList<>();
    try (KeyValueIterator<ScopeKey, byte[]> all = watched.all()) {
      while (all.hasNext()) {
        keys.add(all.next().key);
      }
    }
    for (ScopeKey key : keys) {
      ScopeState state = scope(key);
      if (state != null) {
        judge.onDecisions(key, state, policies.current(), nowMillis * 1000, verdicts);
        keepDecided(key, state, nowMillis);
      }
    }
  }

  /** Somebody is to be reminded, or an approval has not come in time. */
  private void lookAtEpisodes(ScopeKey key, long nowMillis) {
    ScopeState state = scope(key);
    if (state != null) {
      judge.onTime(key, state, policies.current(), nowMillis * 1000, verdicts);
      keepDecided(key, state, nowMillis);
    }
  }

  private void keepDecided(ScopeKey key, ScopeState state, long nowMillis) {
    if (!verdicts.isEmpty()) {
      scopes.put(key, state);
      watch(key, true, state.hasOpenEpisodes());
      forwardVerdicts(nowMillis);
    }
  }

  private void watch(ScopeKey key, boolean before, boolean now) {
    if (verdicts.lookAtMicros() != Long.MAX_VALUE) {
      deadlines.set(verdicts.lookAtMicros(), LOOK_AT_EPISODES, key.toBytes());
    }
    if (now && !before) {
      watched.put(key, NOTHING);
      lookLater(key);
    } else if (before && !now) {
      watched.delete(key);
    }
  }

  private void lookLater(ScopeKey key) {
    deadlines.set(nowMicros() + Times.MICROS_PER_MINUTE, LOOK_AT_SCOPE, key.toBytes());
  }

  /** Writes the open windows that have changed. */
  private void writeChanged(long nowMillis) {
    for (CellKey key : changed) {
      Cell cell = cells.live(key);
      if (cell != null) {
        CostRollup rollup = Rollups.next(key, cell, false, settings.currency());
        cells.put(key, cell);
        forwardRollup(key, rollup, nowMillis);
      }
    }
    changed.clear();
  }

  private void forwardRollup(CellKey key, CostRollup rollup, long nowMillis) {
    context().forward(new Record<>(Rollups.recordKey(key), rollup, nowMillis));
  }

  private long nowMicros() {
    return context().currentSystemTimeMs() * 1000;
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1000;
  }
}
