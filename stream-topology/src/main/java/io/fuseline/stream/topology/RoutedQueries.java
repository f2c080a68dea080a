package io.fuseline.stream.topology;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.query.CostQueries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Sends each question to the instance that owns the key, or to all of them, and puts their answers
 * together.
 */
public final class RoutedQueries implements CostQueries {
  private final KafkaStreams streams;
  private final Owners owners;
  private final HostInfo self;
  private final CostQueries local;
  private final Function<HostInfo, CostQueries> others;

  /**
   * @param self address under which this instance is known
   * @param others asks another instance for its local answer
   */
  public RoutedQueries(
      KafkaStreams streams,
      HostInfo self,
      CostQueries local,
      Function<HostInfo, CostQueries> others) {
    this.streams = streams;
    this.owners = new Owners(streams);
    this.self = self;
    this.local = local;
    this.others = others;
  }

  @Override
  public String currency() {
    return local.currency();
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
    return at(owners.ofScope(ScopeProcessor.CELLS, key))
        .costs(dimension, tenant, value, window, from, to);
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    return at(owners.ofRun(rootRunId)).run(rootRunId);
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    List<Ranked> values = new ArrayList<>();
    Gathered<Ranking> answers =
        askAll(
            ScopeProcessor.SCOPES, queries -> queries.topSpenders(dimension, tenant, span, limit));
    Instant newest = null;
    for (Ranking answer : answers.answers()) {
      values.addAll(answer.values());
      newest = StoreQueries.later(newest, answer.staleness().newestEvent());
    }
    values.sort(StoreQueries.CHEAPEST_FIRST.reversed());
    return new Ranking(
        dimension,
        span,
        List.copyOf(values.subList(0, Math.min(limit, values.size()))),
        new Staleness(name(self), answers.partial(), newest));
  }

  @Override
  public Episodes openEpisodes(int limit) {
    Gathered<Episodes> answers = askAll(RunProcessor.RUNS, queries -> queries.openEpisodes(limit));
    List<EpisodeView> episodes = new ArrayList<>();
    answers.answers().forEach(answer -> episodes.addAll(answer.episodes()));
    episodes.sort(StoreQueries.NEWEST_FIRST);
    return new Episodes(
        List.copyOf(episodes.subList(0, Math.min(limit, episodes.size()))),
        new Staleness(name(self), answers.partial(), null));
  }

  @Override
  public OpenCommands openCommands(int limit) {
    Gathered<OpenCommands> answers =
        askAll(CommandProcessor.OPEN, queries -> queries.openCommands(limit));
    List<OpenCommandView> commands = new ArrayList<>();
    answers.answers().forEach(answer -> commands.addAll(answer.commands()));
    commands.sort(StoreQueries.NEWEST_COMMAND_FIRST);
    return new OpenCommands(
        List.copyOf(commands.subList(0, Math.min(limit, commands.size()))),
        new Staleness(name(self), answers.partial(), null));
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    HostInfo owner =
        type == TargetType.RUN
            ? owners.ofRun(scope)
            : owners.ofScope(
                ScopeProcessor.SCOPES, new ScopeKey(Dimension.valueOf(type.name()), tenant, scope));
    return at(owner).budgets(type, tenant, scope);
  }

  private CostQueries at(HostInfo owner) {
    return owner.equals(self) ? local : others.apply(owner);
  }

  /** Answers of the instances that could be asked. */
  private record Gathered<T>(List<T> answers, boolean partial) {}

  private <T> Gathered<T> askAll(String store, Function<CostQueries, T> question) {
    Set<HostInfo> hosts = new LinkedHashSet<>();
    for (StreamsMetadata instance : instances(store)) {
      hosts.add(instance.hostInfo());
    }
    if (hosts.isEmpty()) {
      throw new StoreUnavailable("No instance holds the store at present.", null);
    }
    List<T> answers = new ArrayList<>();
    StoreUnavailable last = null;
    for (HostInfo host : hosts) {
      try {
        answers.add(question.apply(host.equals(self) ? local : others.apply(host)));
      } catch (StoreUnavailable e) {
        last = e;
      }
    }
    if (answers.isEmpty()) {
      throw last;
    }
    return new Gathered<>(answers, last != null);
  }

  private Collection<StreamsMetadata> instances(String store) {
    try {
      return streams.streamsMetadataForStore(store);
    } catch (IllegalStateException | StreamsNotStartedException e) {
      throw new StoreUnavailable("The instances are not known yet.", e);
    }
  }

  private static String name(HostInfo host) {
    return host.host() + ":" + host.port();
  }
}
