package io.fuseline.stream.topology;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.admission.Admission;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.judge.Call;
import io.fuseline.stream.judge.Cell;
import io.fuseline.stream.judge.CellBook;
import io.fuseline.stream.judge.CellKey;
import io.fuseline.stream.judge.RunState;
import io.fuseline.stream.judge.ScopeKey;
import io.fuseline.stream.judge.ScopeState;
import io.fuseline.stream.judge.Standing;
import io.fuseline.stream.judge.Standings;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.query.CostQueries.BudgetView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Decides about calls from the stores of this instance. What was not committed yet counts too. */
public final class StoreAdmission implements OwnerDesk {
  private final LocalStores stores;
  private final PolicyBook policies;
  private final Standings standings;
  private final Admission admission;
  private final LongSupplier nowMicros;
  private final LongFunction<Sight> sight;

  /**
   * @param instance host and port under which this instance is known
   * @param costs the topology, whose policies and raises hold
   * @param nowMicros wall clock, epoch microseconds
   * @param sight how well the state follows, as of an instant
   */
  public StoreAdmission(
      KafkaStreams streams,
      String instance,
      CostTopology costs,
      Admission admission,
      LongSupplier nowMicros,
      LongFunction<Sight> sight) {
    this.stores = new LocalStores(streams, instance);
    this.policies = costs.policies();
    this.standings = new Standings(costs.raises());
    this.admission = admission;
    this.nowMicros = nowMicros;
    this.sight = sight;
  }

  @Override
  public Opinion ask(Part part) {
    long now = nowMicros.getAsLong();
    Call call = part.ask().call();
    PolicySet current = policies.current();
    List<Standing> all = new ArrayList<>(part.scopes().size() + 1);
    if (part.run()) {
      ReadOnlyKeyValueStore<String, RunState> runs = stores.open(RunProcessor.RUNS);
      all.add(standings.ofRun(runs.get(call.rootRunId()), call, current, now));
    }
    if (!part.scopes().isEmpty()) {
      ReadOnlyKeyValueStore<ScopeKey, ScopeState> scopes = stores.open(ScopeProcessor.SCOPES);
      for (ScopeKey key : part.scopes()) {
        all.add(standings.ofScope(key, scopes.get(key), call, current, ledger(), now));
      }
    }
    return admission.ask(part.ask(), all, sight.apply(now), now);
  }

  @Override
  public void change(Change change) {
    switch (change.what()) {
      case DROP -> admission.drop(change.grantId());
      case TRIM -> admission.trim(change.grantId(), change.amount());
      case GIVE_BACK ->
          admission.giveBack(change.grantId(), change.amount(), nowMicros.getAsLong());
    }
  }

  /** Budgets that hold for a run or scope, whatever their mode. */
  List<BudgetView> budgets(TargetType type, String tenant, String scope) {
    long now = nowMicros.getAsLong();
    Subject subject = new Subject(tenant, "", null, null, null, null, null, null);
    Call nothing = new Call(subject, scope, scope, 0, 0);
    Standing standing;
    if (type == TargetType.RUN) {
      ReadOnlyKeyValueStore<String, RunState> runs = stores.open(RunProcessor.RUNS);
      standing = standings.ofRun(runs.get(scope), nothing, policies.current(), now);
    } else {
      ScopeKey key = new ScopeKey(Dimension.valueOf(type.name()), tenant, scope);
      ReadOnlyKeyValueStore<ScopeKey, ScopeState> scopes = stores.open(ScopeProcessor.SCOPES);
      standing =
          standings.ofScope(key, scopes.get(key), nothing, policies.current(), ledger(), now);
    }
    return standing.limits().stream()
        .map(limit -> BudgetViews.of(limit, admission.standing(limit, sight.apply(now), now)))
        .toList();
  }

  private CellBook ledger() {
    return new CellBook() {
      @Override
      public Cell get(CellKey key) {
        ReadOnlyKeyValueStore<CellKey, Cell> cells = stores.open(ScopeProcessor.CELLS);
        return cells.get(key);
      }

      @Override
      public void put(CellKey key, Cell cell) {
        throw new UnsupportedOperationException("The ledger is only read here");
      }
    };
  }
}
