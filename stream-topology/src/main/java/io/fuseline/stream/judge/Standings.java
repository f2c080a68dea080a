package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.policy.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells which budgets hold for a call, how they stand, and what its run, agent and so on were told:
 * what the judges would go by if the call's span came now. Changes no state.
 */
public final class Standings {
  private final Raises raises;

  /**
   * @param raises temporary raises of caps
   */
  public Standings(Raises raises) {
    this.raises = raises;
  }

  /**
   * What a root run's state says.
   *
   * @param run null when nothing is known of the run yet
   * @param nowMicros wall clock, epoch microseconds
   */
  public Standing ofRun(RunState run, Call call, PolicySet policies, long nowMicros) {
    List<Limit> limits = new ArrayList<>();
    Subject subject = run == null || run.subject == null ? call.subject() : run.subject;
    for (Policy policy : policies.holding(policies.budgets(Rule.Per.RUN), subject)) {
      Rule.Budget rule = (Rule.Budget) policy.rule();
      limits.add(
          limitOfRun(
              policy,
              run,
              call,
              call.rootRunId(),
              run == null ? 0 : RunBudgets.measure(rule, run),
              RunBudgets.adds(rule, run, call),
              nowMicros));
    }
    List<Policy> subtrees = policies.budgets(Rule.Per.SUBTREE);
    if (!subtrees.isEmpty()) {
      path(run, call)
          .forEach(
              (runId, node) -> {
                for (Policy policy : policies.holding(subtrees, subjectOf(node, call))) {
                  limits.add(
                      limitOfRun(
                          policy,
                          run,
                          call,
                          runId,
                          tree(run, runId, node),
                          call.estimatePico(),
                          nowMicros));
                }
              });
    }
    return new Standing(limits, run == null ? List.of() : orders(run, call, policies));
  }

  private static Subject subjectOf(RunNode node, Call call) {
    String agent = node == null ? call.subject().agent() : node.agent;
    return new Subject(
        call.subject().tenant(), agent == null ? "" : agent, null, null, null, null, null, null);
  }

  /** What a run has spent with the runs it started, which may have come before it. */
  private static long tree(RunState run, String runId, RunNode node) {
    if (node != null) {
      return node.tree.saturatedPico();
    }
    Amount started = new Amount();
    if (run != null) {
      for (RunNode below : run.nodes.values()) {
        if (runId.equals(below.parentRunId)) {
          started.add(below.tree);
        }
      }
    }
    return started.saturatedPico();
  }

  /** The run that calls and the runs above it; null for those nothing is known of yet. */
  private static Map<String, RunNode> path(RunState run, Call call) {
    Map<String, RunNode> path = new LinkedHashMap<>();
    RunNode own = run == null ? null : run.nodes.get(call.runId());
    path.put(call.runId(), own);
    if (own != null) {
      run.above(own).forEach(above -> path.put(String.valueOf(run.idOf(above)), above));
    }
    path.putIfAbsent(call.rootRunId(), run == null ? null : run.nodes.get(call.rootRunId()));
    return path;
  }

  private Limit limitOfRun(
      Policy policy,
      RunState run,
      Call call,
      String runId,
      long measure,
      long adds,
      long nowMicros) {
    String tenant = call.subject().tenant();
    Episode episode =
        run == null
            ? null
            : run.episodes.openFor(policy.id(), runId.equals(call.rootRunId()) ? null : runId);
    return new Limit(
        policy,
        TargetType.RUN,
        tenant,
        runId,
        0,
        Long.MAX_VALUE,
        measure,
        Raised.of(raises, policy, TargetType.RUN, tenant, runId, nowMicros).total(),
        adds,
        reachable(policy, episode, nowMicros),
        run == null ? nowMicros : run.firstSeen,
        run == null ? nowMicros : run.lastSeen);
  }

  private static List<Order> orders(RunState run, Call call, PolicySet policies) {
    List<Order> orders = new ArrayList<>();
    if (!run.tenant.equals(call.subject().tenant())) {
      orders.add(
          new Order(
              Action.KILL,
              TargetType.RUN,
              call.rootRunId(),
              null,
              null,
              null,
              "Root run "
                  + call.rootRunId()
                  + " belongs to another tenant; its spans would be refused.",
              null));
      return orders;
    }
    boolean told = false;
    for (Episode episode : run.episodes.open()) {
      if (episode.part == null || path(run, call).containsKey(episode.part)) {
        told |= episode.sent == Action.KILL;
        String scope = episode.part == null ? call.rootRunId() : episode.part;
        add(orders, episode, TargetType.RUN, scope, policies);
      }
    }
    if (run.episodes.killed() && !told) {
      orders.add(
          new Order(
              Action.KILL,
              TargetType.RUN,
              call.rootRunId(),
              null,
              null,
              null,
              "Run " + call.rootRunId() + " was told to end.",
              null));
    }
    return orders;
  }

  private static void add(
      List<Order> orders, Episode episode, TargetType type, String scope, PolicySet policies) {
    if (episode.sent == null) {
      return;
    }
    Policy policy = policies.byId(episode.policyId).orElse(null);
    boolean capped =
        episode.sent == Action.THROTTLE && policy != null && episode.rung < policy.ladder().size();
    orders.add(
        new Order(
            episode.sent,
            type,
            scope,
            episode.policyId,
            episode.policyVersion,
            episode.commandIds.get(episode.commandIds.size() - 1),
            episode.summary,
            capped ? policy.ladder().get(episode.rung).caps() : null));
  }

  /**
   * What a scope's state says.
   *
   * @param state null when nothing is known of the scope yet
   * @param cells the ledger, to be read only
   * @param nowMicros wall clock, epoch microseconds
   */
  public Standing ofScope(
      ScopeKey key,
      ScopeState state,
      Call call,
      PolicySet policies,
      CellBook cells,
      long nowMicros) {
    List<Limit> limits = new ArrayList<>();
    List<Policy> budgets = policies.budgets(Rule.Per.valueOf(key.dimension().name()));
    if (!budgets.isEmpty()) {
      boolean known = state != null && state.subject != null;
      Subject subject =
          key.dimension() == Dimension.AGENT && !known
              ? call.subject().calling(null, null)
              : ScopeJudge.subject(key, state == null ? new ScopeState() : state);
      for (Policy policy : policies.holding(budgets, subject)) {
        limits.add(limitOfScope(policy, key, state, call, cells, nowMicros));
      }
    }
    List<Order> orders = new ArrayList<>();
    if (state != null) {
      for (Episode episode : state.episodes.open()) {
        add(orders, episode, ScopeJudge.targetType(key.dimension()), key.value(), policies);
      }
    }
    return new Standing(limits, orders);
  }

  private Limit limitOfScope(
      Policy policy, ScopeKey key, ScopeState state, Call call, CellBook cells, long nowMicros) {
    Rule.Budget rule = (Rule.Budget) policy.rule();
    Window window = rule.window();
    TargetType type = ScopeJudge.targetType(key.dimension());
    boolean calendar = !window.equals(Window.LIFE) && !window.isRolling();
    Spent spent =
        state == null
            ? new Spent(new Cell(), nowMicros)
            : spent(key, state, window, cells, nowMicros);
    Episode episode = state == null ? null : state.episodes.openFor(policy.id());
    boolean ofThisWindow =
        episode != null && (!calendar || episode.openedAt >= window.start(nowMicros));
    return new Limit(
        policy,
        type,
        key.tenant(),
        key.value(),
        calendar ? window.start(nowMicros) : 0,
        calendar ? window.end(nowMicros) : Long.MAX_VALUE,
        Budgets.measure(rule, spent.cell()),
        Raised.of(raises, policy, type, key.tenant(), key.value(), nowMicros).total(),
        Budgets.adds(rule, call),
        reachable(policy, ofThisWindow ? episode : null, nowMicros),
        spent.from(),
        nowMicros);
  }

  /**
   * @param from since when it has come together
   */
  private record Spent(Cell cell, long from) {}

  /** What a scope has spent in the window of an instant, though no span may have begun it yet. */
  private static Spent spent(
      ScopeKey key, ScopeState state, Window window, CellBook cells, long nowMicros) {
    if (window.equals(Window.LIFE)) {
      return new Spent(state.total, nowMicros); // when the scope began is not kept
    }
    if (window.equals(Window.HOUR)) {
      long start = Windows.start(WindowSize.HOUR, nowMicros);
      return new Spent(start > state.hourStart ? new Cell() : state.hour, start);
    }
    if (window.equals(Window.DAY)) {
      long start = Windows.start(WindowSize.DAY, nowMicros);
      return new Spent(start > state.dayStart ? new Cell() : state.day, start);
    }
    Meter meter = state.meters.get(window.name());
    if (meter == null) {
      meter = new Meter();
      if (state.newest >= 0) {
        meter.fill(window, key, state.newest, cells); // as the scope's next span will
      }
    }
    return new Spent(
        meter.at(window, nowMicros),
        window.isRolling() ? Math.min(meter.from(), nowMicros) : window.start(nowMicros));
  }

  /**
   * Rungs that are acted upon when they are reached: not one that people have let the target go on
   * at, nor one that had to be reached soon after the one before, and was not.
   */
  private static List<Rung> reachable(Policy policy, Episode episode, long nowMicros) {
    if (episode == null) {
      return policy.ladder();
    }
    List<Rung> rungs = new ArrayList<>();
    for (int i = 0; i < policy.ladder().size(); i++) {
      Rung rung = policy.ladder().get(i);
      boolean tooLate =
          rung.within() != null
              && i > 0
              && i > episode.rung
              && episode.wasCrossed(i - 1)
              && nowMicros - episode.crossedAt(i - 1) > rung.within().toMillis() * 1000;
      if (i > episode.approved && !tooLate) {
        rungs.add(rung);
      }
    }
    return rungs;
  }
}
