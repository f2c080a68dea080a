package io.fuseline.stream.topology;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.OpenCommand;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.SpanKeys;
import io.fuseline.stream.judge.SpanRecord;
import io.fuseline.stream.judge.Times;
import io.fuseline.stream.judge.Views;
import io.fuseline.stream.judge.Windows;
import io.fuseline.stream.query.CostQueries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Answers from the stores of this instance alone. What was not committed yet is seen too. */
public final class StoreQueries implements CostQueries {
  /** Spans shown of one run. */
  static final int MOST_SPANS = 1_000;

  /** Windows shown in one answer. */
  static final int MOST_CELLS = 50_000;

  static final Comparator<Ranked> CHEAPEST_FIRST =
      Comparator.comparing(Ranked::cost)
          .thenComparing(Ranked::spans)
          .thenComparing(Ranked::value, Comparator.reverseOrder());

  static final Comparator<EpisodeView> NEWEST_FIRST =
      Comparator.comparing(EpisodeView::openedAt).reversed().thenComparing(EpisodeView::episodeId);

  static final Comparator<OpenCommandView> NEWEST_COMMAND_FIRST =
      Comparator.comparing(OpenCommandView::issuedAt)
          .reversed()
          .thenComparing(OpenCommandView::commandId);

  private static final Serializer<byte[]> BYTES = (topic, bytes) -> bytes;

  private final LocalStores stores;
  private final String currency;
  private final String instance;
  private final StoreAdmission admission;

  /**
   * @param instance host and port under which this instance is known
   * @param admission knows how budgets stand
   */
  public StoreQueries(
      KafkaStreams streams, String currency, String instance, StoreAdmission admission) {
    this.stores = new LocalStores(streams, instance);
    this.currency = currency;
    this.instance = instance;
    this.admission = admission;
  }

  @Override
  public String currency() {
    return currency;
  }

  @Override
  public Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to) {
    ScopeKey key = new ScopeKey(dimension, tenant, value);
    ReadOnlyKeyValueStore<CellKey, io.fuseline.stream.judge.Cell> cells =
        store(ScopeProcessor.CELLS);
    CellKey first = new CellKey(key, window, firstStart(window, from));
    CellKey last = new CellKey(key, window, Math.max(0, Times.micros(to) - 1));
    List<Cell> found = new ArrayList<>();
    try (KeyValueIterator<CellKey, io.fuseline.stream.judge.Cell> range =
        cells.range(first, last)) {
      while (range.hasNext() && found.size() < MOST_CELLS) {
        KeyValue<CellKey, io.fuseline.stream.judge.Cell> entry = range.next();
        if (entry.key.scope().equals(key) && entry.key.window() == window) {
          found.add(Views.cell(entry.key, entry.value));
        }
      }
    }
    ReadOnlyKeyValueStore<ScopeKey, ScopeState> scopes = store(ScopeProcessor.SCOPES);
    return new Series(dimension, tenant, value, window, found, staleness(newest(scopes.get(key))));
  }

  /** Start of the first window that begins at or after {@code from}. */
  private static long firstStart(WindowSize window, Instant from) {
    long micros = Math.max(0, Times.micros(from));
    long start = Windows.start(window, micros);
    return start == micros ? start : start + Windows.length(window).toMillis() * 1000;
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    ReadOnlyKeyValueStore<ScopeKey, ScopeState> scopes = store(ScopeProcessor.SCOPES);
    PriorityQueue<Ranked> dearest = new PriorityQueue<>(CHEAPEST_FIRST);
    Instant newest = null;
    long nowMicros = System.currentTimeMillis() * 1000;
    try (KeyValueIterator<ScopeKey, ScopeState> all =
        scopes.prefixScan(ScopeKey.prefix(dimension), BYTES)) {
      while (all.hasNext()) {
        KeyValue<ScopeKey, ScopeState> entry = all.next();
        if (tenant != null && !tenant.equals(entry.key.tenant())) {
          continue;
        }
        newest = later(newest, newest(entry.value));
        io.fuseline.stream.judge.Cell cell = cell(entry.value, span, nowMicros);
        if (cell != null && cell.isUsed()) {
          dearest.add(Views.ranked(entry.key, entry.value, cell));
          if (dearest.size() > limit) {
            dearest.poll();
          }
        }
      }
    }
    List<Ranked> values = new ArrayList<>(dearest);
    values.sort(CHEAPEST_FIRST.reversed());
    return new Ranking(dimension, span, values, staleness(newest));
  }

  /** Null when the scope has spent nothing in the current hour or day. */
  private static io.fuseline.stream.judge.Cell cell(ScopeState state, Span span, long nowMicros) {
    return switch (span) {
      case TOTAL -> state.total();
      case HOUR ->
          state.hourStartMicros() >= Windows.start(WindowSize.HOUR, nowMicros)
              ? state.hour()
              : null;
      case DAY ->
          state.dayStartMicros() >= Windows.start(WindowSize.DAY, nowMicros) ? state.day() : null;
    };
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    ReadOnlyKeyValueStore<String, RunState> runs = store(RunProcessor.RUNS);
    RunState run = runs.get(rootRunId);
    if (run == null) {
      return Optional.empty();
    }
    List<TimelineSpan> timeline = new ArrayList<>();
    ReadOnlyKeyValueStore<String, SpanRecord> spans = store(RunProcessor.SPANS);
    try (KeyValueIterator<String, SpanRecord> all =
        spans.prefixScan(SpanKeys.prefix(rootRunId), new StringSerializer())) {
      while (all.hasNext()) {
        KeyValue<String, SpanRecord> entry = all.next();
        String spanId = SpanKeys.spanId(rootRunId, entry.key);
        if (spanId != null) {
          timeline.add(Views.span(spanId, entry.value));
        }
      }
    }
    timeline.sort(Comparator.comparing(TimelineSpan::time));
    List<TimelineSpan> newest =
        timeline.subList(Math.max(0, timeline.size() - MOST_SPANS), timeline.size());
    Instant newestEvent = timeline.isEmpty() ? null : timeline.get(timeline.size() - 1).time();
    return Optional.of(Views.run(rootRunId, run, List.copyOf(newest), staleness(newestEvent)));
  }

  @Override
  public Episodes openEpisodes(int limit) {
    List<EpisodeView> episodes = new ArrayList<>();
    ReadOnlyKeyValueStore<String, byte[]> watchedRuns = store(RunProcessor.WATCHED);
    ReadOnlyKeyValueStore<String, RunState> runs = store(RunProcessor.RUNS);
    try (KeyValueIterator<String, byte[]> all = watchedRuns.all()) {
      while (all.hasNext()) {
        String rootRunId = all.next().key;
        RunState run = runs.get(rootRunId);
        if (run != null) {
          episodes.addAll(Views.episodes(rootRunId, run));
        }
      }
    }
    ReadOnlyKeyValueStore<ScopeKey, byte[]> watchedScopes = store(ScopeProcessor.WATCHED);
    ReadOnlyKeyValueStore<ScopeKey, ScopeState> scopes = store(ScopeProcessor.SCOPES);
    try (KeyValueIterator<ScopeKey, byte[]> all = watchedScopes.all()) {
      while (all.hasNext()) {
        ScopeKey key = all.next().key;
        ScopeState state = scopes.get(key);
        if (state != null) {
          episodes.addAll(Views.episodes(key, state));
        }
      }
    }
    episodes.sort(NEWEST_FIRST);
    return new Episodes(
        List.copyOf(episodes.subList(0, Math.min(limit, episodes.size()))), staleness(null));
  }

  @Override
  public OpenCommands openCommands(int limit) {
    ReadOnlyKeyValueStore<String, OpenCommand> commands = store(CommandProcessor.OPEN);
    PriorityQueue<OpenCommandView> newest = new PriorityQueue<>(NEWEST_COMMAND_FIRST.reversed());
    try (KeyValueIterator<String, OpenCommand> all = commands.all()) {
      while (all.hasNext()) {
        OpenCommand open = all.next().value;
        if (open.isIssued()) {
          newest.add(Views.command(open));
          if (newest.size() > limit) {
            newest.poll();
          }
        }
      }
    }
    return new OpenCommands(newest.stream().sorted(NEWEST_COMMAND_FIRST).toList(), staleness(null));
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    return new Budgets(
        type, tenant, scope, admission.budgets(type, tenant, scope), staleness(null));
  }

  private <K, V> ReadOnlyKeyValueStore<K, V> store(String name) {
    return stores.open(name);
  }

  private Staleness staleness(Instant newestEvent) {
    return new Staleness(instance, false, newestEvent);
  }

  private static Instant newest(ScopeState state) {
    return state == null || state.newestMicros() < 0 ? null : Times.instant(state.newestMicros());
  }

  static Instant later(Instant one, Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? one : other;
  }
}
