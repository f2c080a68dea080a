package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.policy.BuiltInPolicies;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Rung;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.policy.Window;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Adds up what a scope spends and judges what concerns the scope: its budgets. For agents it also
 * keeps the active runs and learns how often their tools are called. All times are epoch
 * microseconds, UTC.
 */
public final class ScopeJudge {
  /** A root run that was not announced again for this long is no longer counted as active. */
  static final Duration ACTIVE_HORIZON = Duration.ofDays(7);

  /** A scope without a delta for this long is silent, and the wall clock may end its windows. */
  static final Duration SILENCE = Duration.ofMinutes(1);

  /** A success costs less again once it costs a tenth less than what opened the episode. */
  private static final long OUTCOME_HYSTERESIS = 10;

  private final Ladder ladder;
  private final AgentDetectors detectors;
  private final String currency;
  private final Raises raises;
  private final ActiveRuns activeRuns;

  /** Without raises of caps, and with active runs that are kept in memory. */
  public ScopeJudge(String currency) {
    this(currency, Raises.none(), ActiveRuns.inMemory());
  }

  /**
   * @param currency ISO 4217 currency of all money
   * @param raises temporary raises of caps
   * @param activeRuns the runs at work for each agent; changed
   */
  public ScopeJudge(String currency, Raises raises, ActiveRuns activeRuns) {
    this.currency = currency;
    this.raises = raises;
    this.activeRuns = activeRuns;
    this.ladder = new Ladder(currency);
    this.detectors = new AgentDetectors(ladder, currency);
  }

  /** Told when an agent's usual rate of calls has changed. */
  @FunctionalInterface
  public interface BaselineListener {
    void changed(ScopeKey agent, String tool, long callsPerMinuteMilli);
  }

  /**
   * Adds a delta to its scope and judges the scope.
   *
   * @param state the scope's state; changed
   * @param cells the ledger; changed
   * @return false when the delta was too late for its minute (its hour and day have it)
   */
  public boolean onDelta(
      ScopeKey key,
      ScopeState state,
      Delta delta,
      PolicySet policies,
      CellBook cells,
      long nowMicros,
      BaselineListener baselines,
      Verdicts out) {
    return onSum(key, state, DeltaSum.of(delta), policies, cells, nowMicros, baselines, out);
  }

  /**
   * Adds a sum of deltas to its scope and judges the scope once for all of them.
   *
   * @param state the scope's state; changed
   * @param cells the ledger; changed
   * @return false when the sum was too late for its minute (its hour and day have it)
   */
  public boolean onSum(
      ScopeKey key,
      ScopeState state,
      DeltaSum sum,
      PolicySet policies,
      CellBook cells,
      long nowMicros,
      BaselineListener baselines,
      Verdicts out) {
    for (DeltaSum.Presence presence : sum.presences()) {
      trackPresence(key, presence);
    }
    for (DeltaSum.Sample sample : sum.samples()) {
      learn(key, state, sample, baselines);
    }
    Delta delta = sum.total();
    if (delta.isEmpty()) {
      endNewcomers(key, state, sum, policies, nowMicros, out);
      return true;
    }
    if (delta.subject() != null && delta.eventMicros() >= state.newest) {
      state.subject = delta.subject();
    }
    boolean spent = isSpend(delta);
    if (spent) {
      state.newest = Math.max(state.newest, delta.eventMicros());
      state.lastWall = Math.max(state.lastWall, nowMicros);
    }
    boolean inMinute = Ledger.book(key, delta, state.newest, cells);
    if (spent) {
      rollWindows(key, state, delta, policies, cells, nowMicros, out);
    } else {
      addToWindows(state, delta);
    }
    rollMeters(key, state, delta, policies, cells, nowMicros, out);
    state.total.add(delta);
    if (spent && state.episodes.bookAfterStop(delta.cost())) {
      out.leak(delta.cost());
    }
    letGo(key, state, policies, delta.eventMicros(), nowMicros, out);
    boolean mayFall = delta.cause() == Delta.Cause.SPAN || delta.cause() == Delta.Cause.OUTCOME;
    if (mayFall && state.hasOpenEpisodes()) {
      onDecisions(key, state, policies, nowMicros, out);
      letGoMovedOn(key, state, policies, delta.eventMicros(), nowMicros, out);
    }
    if (delta.cause() == Delta.Cause.CORRECTED) {
      letGoCorrected(key, state, policies, delta.eventMicros(), nowMicros, out);
    }
    endNewcomers(key, state, sum, policies, nowMicros, out);
    if (key.dimension() == Dimension.AGENT) {
      detectors.onSum(state, sum, policies, () -> target(key, state), nowMicros, out);
    }
    judgeBudgets(key, state, delta, policies, nowMicros, out);
    judgeUnpriced(key, state, delta, nowMicros, out);
    return inMinute;
  }

  private void endNewcomers(
      ScopeKey key,
      ScopeState state,
      DeltaSum sum,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    if (!state.hasOpenEpisodes()) {
      return;
    }
    for (DeltaSum.Presence presence : sum.presences()) {
      if (presence.change() == Delta.Presence.JOINED) {
        endNewcomer(key, state, presence, policies, nowMicros, out);
      }
    }
  }

  /**
   * A run has begun although its agent was told to end: it is told so itself. A runtime that has
   * just started may not know what its agent was told hours ago.
   */
  private void endNewcomer(
      ScopeKey key,
      ScopeState state,
      DeltaSum.Presence joined,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    for (Episode episode : state.episodes.open()) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (episode.sent == Action.KILL
          && policy != null
          && policy.mode() == PolicyMode.ENFORCE
          && !hasPassed(policy, episode, joined.eventMicros())) {
        ladder.endNewcomer(
            policy,
            episode,
            target(key, state),
            joined.rootRunId(),
            exposure(state, policy),
            joined.eventMicros(),
            nowMicros,
            out);
        return;
      }
    }
  }

  /** True when the calendar window that the episode is of has ended by the time of an event. */
  private static boolean hasPassed(Policy policy, Episode episode, long eventMicros) {
    return policy.rule() instanceof Rule.Budget budget
        && !budget.window().isRolling()
        && !budget.window().equals(Window.LIFE)
        && episode.openedAt < budget.window().start(eventMicros);
  }

  private static Amount exposure(ScopeState state, Policy policy) {
    return policy.rule() instanceof Rule.Budget budget
        ? exposure(state, budget.window())
        : state.total.exposure();
  }

  private void trackPresence(ScopeKey key, DeltaSum.Presence presence) {
    switch (presence.change()) {
      case JOINED -> activeRuns.join(key, presence.rootRunId(), presence.eventMicros());
      case LEFT -> activeRuns.leave(key, presence.rootRunId());
      case UNCHANGED -> {}
    }
  }

  private static void learn(
      ScopeKey key, ScopeState state, DeltaSum.Sample sample, BaselineListener listener) {
    Baseline baseline = state.baseline(sample.tool());
    if (baseline == null) {
      return;
    }
    baseline.learn(sample.calls());
    if (baseline.worthPublishing()) {
      baseline.publishedMilli = baseline.milli;
      listener.changed(key, sample.tool(), baseline.milli);
    }
  }

  /**
   * A correction or an outcome is no spend of now: it shows no agent at work, begins no window, and
   * what was told to stop has not leaked it.
   */
  private static boolean isSpend(Delta delta) {
    return switch (delta.cause()) {
      case SPAN, REWRITTEN -> true;
      case CORRECTED, UNCORRECTED, OUTCOME -> false;
    };
  }

  /**
   * Opens a new hour or day when the delta is the first in it; budgets of the window before are let
   * go. The ledger may know the window already: a correction was booked in it.
   */
  private void rollWindows(
      ScopeKey key,
      ScopeState state,
      Delta delta,
      PolicySet policies,
      CellBook cells,
      long nowMicros,
      Verdicts out) {
    addToWindows(state, delta);
    long hourStart = Windows.start(WindowSize.HOUR, delta.eventMicros());
    if (hourStart > state.hourStart) {
      closeWindow(key, state, Window.HOUR, policies, delta.eventMicros(), nowMicros, out);
      state.hourStart = hourStart;
      state.hour = booked(key, WindowSize.HOUR, delta, cells);
      state.hourSettled = false;
    }
    long dayStart = Windows.start(WindowSize.DAY, delta.eventMicros());
    if (dayStart > state.dayStart) {
      closeWindow(key, state, Window.DAY, policies, delta.eventMicros(), nowMicros, out);
      state.dayStart = dayStart;
      state.day = booked(key, WindowSize.DAY, delta, cells);
      state.daySettled = false;
    }
  }

  private static void addToWindows(ScopeState state, Delta delta) {
    if (Windows.start(WindowSize.HOUR, delta.eventMicros()) == state.hourStart) {
      state.hour.add(delta);
    }
    if (Windows.start(WindowSize.DAY, delta.eventMicros()) == state.dayStart) {
      state.day.add(delta);
    }
  }

  /** Windows other than the hour and the day of UTC are kept while a budget asks for them. */
  private void rollMeters(
      ScopeKey key,
      ScopeState state,
      Delta delta,
      PolicySet policies,
      CellBook cells,
      long nowMicros,
      Verdicts out) {
    Set<Window> windows = policies.windows(Rule.Per.valueOf(key.dimension().name()));
    if (windows.isEmpty() && state.meters.isEmpty()) {
      return;
    }
    Set<String> wanted = new HashSet<>();
    for (Window window : windows) {
      wanted.add(window.name());
      Meter meter = state.meters.get(window.name());
      if (meter == null) {
        if (state.newest >= 0) {
          meter = new Meter();
          meter.fill(window, key, state.newest, cells); // the ledger has the delta already
          state.meters.put(window.name(), meter);
        }
      } else if (!isSpend(delta)) {
        meter.correct(window, delta);
      } else if (meter.isBefore(window, delta.eventMicros())) {
        closeWindow(key, state, window, policies, delta.eventMicros(), nowMicros, out);
        meter.begin(window, key, delta, cells);
      } else {
        meter.add(window, delta);
      }
    }
    state.meters.keySet().retainAll(wanted);
  }

  /** What the ledger has for the delta's window, the delta included. */
  private static Cell booked(ScopeKey key, WindowSize window, Delta delta, CellBook cells) {
    return cells.get(CellKey.at(key, window, delta.eventMicros())).amounts();
  }

  private void closeWindow(
      ScopeKey key,
      ScopeState state,
      Window window,
      PolicySet policies,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    for (Episode episode : List.copyOf(state.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null
          && policy.rule() instanceof Rule.Budget budget
          && budget.window().equals(window)
          && !Ladder.isCooling(policy, episode, eventMicros)) {
        ladder.close(
            policy,
            episode,
            state.episodes,
            target(key, state),
            exposure(state, window),
            eventMicros,
            nowMicros,
            "A new budget window has begun.",
            out);
      }
    }
  }

  /**
   * Closes budget episodes whose window has moved on: those of a rolling window once they have come
   * down, and those that a cool-down kept beyond their window. What a success costs may come down
   * at any time.
   */
  private void letGoMovedOn(
      ScopeKey key,
      ScopeState state,
      PolicySet policies,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    for (Episode episode : List.copyOf(state.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy == null
          || !(policy.rule() instanceof Rule.Budget budget)
          || budget.window().equals(Window.LIFE) && budget.of() != Rule.Usage.COST_PER_OUTCOME
          || Ladder.isCooling(policy, episode, eventMicros)) {
        continue;
      }
      boolean perOutcome = budget.of() == Rule.Usage.COST_PER_OUTCOME;
      boolean movedOn =
          perOutcome
              || budget.window().isRolling()
              || episode.openedAt < budget.window().start(Math.max(state.newest, eventMicros));
      long first = policy.ladder().get(0).threshold();
      long falling =
          Ladder.falling(policy, episode, perOutcome ? first - first / OUTCOME_HYSTERESIS : first);
      if (movedOn && Budgets.measure(budget, cell(state, budget.window())) < falling) {
        ladder.close(
            policy,
            episode,
            state.episodes,
            target(key, state),
            exposure(state, budget.window()),
            eventMicros,
            nowMicros,
            perOutcome
                ? "A success costs less again."
                : budget.window().isRolling()
                    ? "The window has moved on and holds less."
                    : "A new budget window has begun.",
            out);
      }
    }
  }

  /** Closes what a policy that was removed or changed since no longer asks for. */
  private void letGo(
      ScopeKey key,
      ScopeState state,
      PolicySet policies,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    if (!state.hasOpenEpisodes()) {
      return;
    }
    for (Episode episode : List.copyOf(state.episodes.open())) {
      if (BuiltInPolicies.isReserved(episode.policyId)) {
        continue;
      }
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy == null
          || policies.isDisplaced(policy, subject(key, state))
          || !policy.version().equals(episode.policyVersion) && !holds(policy, key, state)) {
        ladder.close(
            policy,
            episode,
            state.episodes,
            target(key, state),
            policy == null ? state.total.exposure() : exposure(state, policy),
            eventMicros,
            nowMicros,
            "The policy was removed or changed and no longer holds.",
            out);
      }
    }
  }

  /**
   * Prices were corrected: closes the budget episodes whose rung is no longer reached. What a lower
   * rung asks for is then judged anew.
   */
  private void letGoCorrected(
      ScopeKey key,
      ScopeState state,
      PolicySet policies,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    for (Episode episode : List.copyOf(state.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null
          && policy.rule() instanceof Rule.Budget budget
          && !Ladder.holds(
              policy, episode, Budgets.measure(budget, cell(state, budget.window())))) {
        ladder.close(
            policy,
            episode,
            state.episodes,
            target(key, state),
            exposure(state, budget.window()),
            eventMicros,
            nowMicros,
            Ladder.PRICES_CORRECTED,
            out);
      }
    }
  }

  /** Tells once of a model or tool that is used without a price. */
  private void judgeUnpriced(
      ScopeKey key, ScopeState state, Delta delta, long nowMicros, Verdicts out) {
    boolean settled = delta.cause() == Delta.Cause.SPAN || delta.cause() == Delta.Cause.CORRECTED;
    if (!settled || !Unpriced.concerns(key)) {
      return; // while a span is written again it may come out without a price once more
    }
    if (delta.unpricedSpans() > 0 && state.total.unpricedSpans > 0) {
      ladder.climb(
          BuiltInPolicies.UNPRICED,
          state.total.unpricedSpans,
          state.episodes,
          target(key, state),
          state.total.exposure(),
          delta.eventMicros(),
          nowMicros,
          rung -> Unpriced.evidence(key, state.total, delta, currency),
          out);
    } else {
      closePriced(key, state, nowMicros, out);
    }
  }

  private void closePriced(ScopeKey key, ScopeState state, long nowMicros, Verdicts out) {
    Episode episode =
        state.hasOpenEpisodes() ? state.episodes.openFor(BuiltInPolicies.UNPRICED.id()) : null;
    if (episode != null && state.total.unpricedSpans <= 0) {
      ladder.close(
          BuiltInPolicies.UNPRICED,
          episode,
          state.episodes,
          target(key, state),
          state.total.exposure(),
          state.newest,
          nowMicros,
          "All of its use is priced now.",
          out);
    }
  }

  private static boolean holds(Policy policy, ScopeKey key, ScopeState state) {
    return policy.rule() instanceof Rule.Budget budget
        && budget.per().name().equals(key.dimension().name())
        && policy.match().matches(subject(key, state))
        && OutcomeBudgets.concerns(budget, key)
        && Ladder.touches(policy, Budgets.measure(budget, cell(state, budget.window())));
  }

  /**
   * Lets go of the budget episodes of an hour or day that has ended by the wall clock, even if no
   * span comes. A scope that still receives spans of the past (a replay) is left to its event time.
   *
   * @return true when something was decided or closed
   */
  public boolean onClock(
      ScopeKey key, ScopeState state, PolicySet policies, long nowMicros, Verdicts out) {
    int before = state.episodes.open().size();
    letGo(key, state, policies, state.newest, nowMicros, out);
    onDecisions(key, state, policies, nowMicros, out);
    closePriced(key, state, nowMicros, out);
    if (nowMicros - state.lastWall < SILENCE.toMillis() * 1000) {
      return !out.isEmpty() || state.episodes.open().size() != before;
    }
    detectors.onSilence(state, policies, target(key, state), nowMicros, out);
    if (Windows.start(WindowSize.HOUR, nowMicros) > state.hourStart) {
      state.hourSettled = true;
      closeWindow(key, state, Window.HOUR, policies, state.newest, nowMicros, out);
    }
    if (Windows.start(WindowSize.DAY, nowMicros) > state.dayStart) {
      state.daySettled = true;
      closeWindow(key, state, Window.DAY, policies, state.newest, nowMicros, out);
    }
    for (Window window : policies.windows(Rule.Per.valueOf(key.dimension().name()))) {
      Meter meter = state.meters.get(window.name());
      if (meter == null) {
        continue;
      }
      meter.moveTo(window, nowMicros);
      if (meter.isBefore(window, nowMicros)) {
        meter.settled = true;
        closeWindow(key, state, window, policies, nowMicros, nowMicros, out);
      }
    }
    letGoMovedOn(key, state, policies, nowMicros, nowMicros, out);
    return !out.isEmpty() || state.episodes.open().size() != before;
  }

  /**
   * The time has come that {@link Verdicts#lookAtMicros} had asked for: reminds people of what goes
   * on, and denies what they have not approved.
   */
  public void onTime(
      ScopeKey key, ScopeState state, PolicySet policies, long nowMicros, Verdicts out) {
    for (Episode episode : state.episodes.open()) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null) {
        ladder.remind(
            policy,
            episode,
            target(key, state),
            exposure(state, policy),
            state.newest,
            nowMicros,
            out);
      }
    }
    onDecisions(key, state, policies, nowMicros, out);
  }

  /**
   * People have decided something, or have not in time: does it at once. Where caps were raised,
   * lets go of what is no longer reached.
   */
  public void onDecisions(
      ScopeKey key, ScopeState state, PolicySet policies, long nowMicros, Verdicts out) {
    for (Episode episode : List.copyOf(state.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null) {
        ladder.decide(
            policy,
            episode,
            state.episodes,
            target(key, state),
            exposure(state, policy),
            raises,
            state.newest,
            nowMicros,
            out);
      }
    }
    for (Episode episode : List.copyOf(state.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy == null || !(policy.rule() instanceof Rule.Budget budget)) {
        continue;
      }
      Raised raised = raised(policy, key, nowMicros);
      long measure = Budgets.measure(budget, cell(state, budget.window()));
      if (!raised.isNone() && !Ladder.holds(policy, episode, raised.countable(measure))) {
        ladder.close(
            policy,
            episode,
            state.episodes,
            target(key, state),
            exposure(state, budget.window()),
            state.newest,
            nowMicros,
            raised.words(currency),
            raised.approvedBy(),
            raised.restored(policy, episode, measure),
            out);
      }
    }
  }

  private Raised raised(Policy policy, ScopeKey key, long nowMicros) {
    return Raised.of(
        raises, policy, targetType(key.dimension()), key.tenant(), key.value(), nowMicros);
  }

  private void judgeBudgets(
      ScopeKey key,
      ScopeState state,
      Delta delta,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    List<Policy> budgets = policies.budgets(Rule.Per.valueOf(key.dimension().name()));
    if (budgets.isEmpty()) {
      return;
    }
    for (Policy policy : policies.holding(budgets, subject(key, state))) {
      Rule.Budget rule = (Rule.Budget) policy.rule();
      Cell cell = cell(state, rule.window());
      if (isPast(state, rule.window(), delta) || !OutcomeBudgets.concerns(rule, key)) {
        continue;
      }
      long measure = Budgets.measure(rule, cell);
      if (!Ladder.touches(policy, measure)) {
        continue;
      }
      Raised raised = raised(policy, key, nowMicros);
      if (!Ladder.touches(policy, raised.countable(measure))
          || raised.isStale(delta.eventMicros(), nowMicros)) {
        continue;
      }
      ladder.climb(
          policy,
          raised.countable(measure),
          state.episodes,
          target(key, state),
          cell.exposure(),
          delta.eventMicros(),
          nowMicros,
          rung -> evidence(key, state, rule, rung, measure, delta, raised),
          out);
    }
  }

  private static Evidence evidence(
      ScopeKey key,
      ScopeState state,
      Rule.Budget rule,
      Rung rung,
      long measure,
      Delta delta,
      Raised raised) {
    Cell cell = cell(state, rule.window());
    String who = capitalised(key.dimension()) + " " + key.value();
    List<String> spanIds = delta.spanId() == null ? List.of() : List.of(delta.spanId());
    return rule.of() == Rule.Usage.COST_PER_OUTCOME
        ? OutcomeBudgets.evidence(rule, rung, cell, who, spanIds, raised)
        : Budgets.evidence(
            rule, rung, measure, cell.bound, who, spanIds, elapsed(state, rule.window()), raised);
  }

  /** Nothing for the life of a scope: when it began is not kept. */
  private static Budgets.Elapsed elapsed(ScopeState state, Window window) {
    if (window.equals(Window.LIFE)) {
      return new Budgets.Elapsed(state.newest, state.newest, Long.MAX_VALUE);
    }
    if (window.isRolling()) {
      return new Budgets.Elapsed(
          state.meters.get(window.name()).from(), state.newest, Long.MAX_VALUE);
    }
    return new Budgets.Elapsed(window.start(state.newest), state.newest, window.end(state.newest));
  }

  /** A late delta of a window that has passed reaches the ledger, but opens no episode. */
  private static boolean isPast(ScopeState state, Window window, Delta delta) {
    if (window.equals(Window.LIFE)) {
      return false;
    }
    if (window.equals(Window.HOUR)) {
      return state.hourSettled || window.start(delta.eventMicros()) < state.hourStart;
    }
    if (window.equals(Window.DAY)) {
      return state.daySettled || window.start(delta.eventMicros()) < state.dayStart;
    }
    Meter meter = state.meters.get(window.name()); // none before the first spend
    return meter == null || meter.isPast(window, delta.eventMicros());
  }

  /** What is kept of a window; empty when nothing is yet. */
  static Cell cell(ScopeState state, Window window) {
    if (window.equals(Window.LIFE)) {
      return state.total;
    }
    if (window.equals(Window.HOUR)) {
      return state.hour;
    }
    if (window.equals(Window.DAY)) {
      return state.day;
    }
    Meter meter = state.meters.get(window.name());
    return meter == null ? new Cell() : meter.sum();
  }

  private static Amount exposure(ScopeState state, Window window) {
    return cell(state, window).exposure();
  }

  /** What policies select on; scopes that are not agents know their tenant and their own value. */
  static Subject subject(ScopeKey key, ScopeState state) {
    if (state.subject != null) {
      return state.subject;
    }
    Dimension dimension = key.dimension();
    return new Subject(
            key.tenant(),
            dimension == Dimension.AGENT ? key.value() : "",
            null,
            dimension == Dimension.TEAM ? key.value() : null,
            dimension == Dimension.PROJECT ? key.value() : null,
            dimension == Dimension.WORKFLOW ? key.value() : null,
            dimension == Dimension.COST_CENTRE ? key.value() : null,
            null)
        .calling(
            dimension == Dimension.TOOL ? key.value() : null,
            dimension == Dimension.MODEL ? key.value() : null);
  }

  private Target target(ScopeKey key, ScopeState state) {
    boolean agent = key.dimension() == Dimension.AGENT;
    return new Target(
            targetType(key.dimension()),
            key.tenant(),
            key.value(),
            agent ? key.value() : null,
            agent
                ? new NamedRuns(activeRuns, key, state.newest - ACTIVE_HORIZON.toMillis() * 1000)
                : List.of())
        .of(subject(key, state));
  }

  static TargetType targetType(Dimension dimension) {
    return switch (dimension) {
      case AGENT -> TargetType.AGENT;
      case TEAM -> TargetType.TEAM;
      case PROJECT -> TargetType.PROJECT;
      case WORKFLOW -> TargetType.WORKFLOW;
      case COST_CENTRE -> TargetType.COST_CENTRE;
      case TENANT -> TargetType.TENANT;
      case TOOL -> TargetType.TOOL;
      case MODEL -> TargetType.MODEL;
      case OUTCOME -> TargetType.OUTCOME;
      case STEP, OTHER -> TargetType.OTHER;
    };
  }

  private static String capitalised(Dimension dimension) {
    String name = dimension.name().replace('_', ' ');
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }
}
