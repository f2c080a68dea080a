package io.fuseline.stream.judge;

import io.fuseline.schemas.CorrectionReason;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
import io.fuseline.stream.policy.Subject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Books spans on their root run and judges what concerns the run alone: exact cycles, tool-call
 * explosions, run budgets. All times are epoch microseconds, UTC.
 */
public final class RunJudge {
  /** Episodes open at once beyond which no further run below the root gets its own. */
  private static final int MAX_EPISODES = 100;

  private final Ladder ladder;
  private final RunDetectors detectors;
  private final String currency;
  private final Raises raises;

  /**
   * @param currency ISO 4217 currency of all money
   */
  public RunJudge(String currency) {
    this(currency, Raises.none());
  }

  /**
   * @param currency ISO 4217 currency of all money
   * @param raises temporary raises of caps
   */
  public RunJudge(String currency, Raises raises) {
    this.currency = currency;
    this.raises = raises;
    this.ladder = new Ladder(currency);
    this.detectors = new RunDetectors(ladder, currency);
  }

  /** What became of one writing of a span. */
  public enum Disposition {
    /** Booked; any earlier writing was reversed. */
    BOOKED,
    /** The span had ended before: nothing was changed. */
    DUPLICATE
  }

  /**
   * @param record what to keep of the span
   * @param reversed what an earlier writing had booked and is now undone; null when there is none
   * @param uncorrected corrections that undo those of the earlier writing, each at the time its own
   *     was booked at
   * @param booked what is booked now; null for a START, which costs nothing yet
   * @param joined the span's agent was not at work on this root run before
   * @param sample calls of one tool in a minute that has ended, to learn from; null when there is
   *     none
   */
  public record Result(
      Disposition disposition,
      SpanRecord record,
      Booking reversed,
      List<Correction> uncorrected,
      Booking booked,
      boolean joined,
      ToolSample sample) {
    private static final Result DUPLICATE =
        new Result(Disposition.DUPLICATE, null, null, List.of(), null, false, null);
  }

  /** Calls of one tool by one run in one minute. */
  public record ToolSample(String tool, int calls) {}

  /** The state of a root run that was not known before. */
  public RunState open(SpanFacts span) {
    return RunState.opened(span.subject().tenant(), span.eventMicros());
  }

  /**
   * Books one writing of a span and judges the run.
   *
   * @param run the root run's state; changed
   * @param earlier what is kept of an earlier writing of this span; null when there was none
   * @param otherSpanHasResponse the same response was already booked under another span id
   */
  public Result onSpan(
      RunState run,
      SpanRecord earlier,
      boolean otherSpanHasResponse,
      SpanFacts span,
      PolicySet policies,
      Baselines baselines,
      long nowMicros,
      Verdicts out) {
    if (otherSpanHasResponse || earlier != null && (!earlier.open() || span.opens())) {
      return Result.DUPLICATE;
    }
    detectors.onWriting(run, earlier, span, policies, nowMicros, out);
    run.idle = false;
    run.firstSeen = Math.min(run.firstSeen, span.eventMicros());
    run.lastSeen = Math.max(run.lastSeen, span.eventMicros());
    run.lastWall = Math.max(run.lastWall, nowMicros);
    String agent = span.subject().agent();
    boolean joined = run.join(agent);
    RunNode node = run.node(span.runId(), span.parentRunId(), agent, span.eventMicros());
    if (span.runId().equals(span.rootRunId())) {
      run.subject = span.subject();
    }

    Booking reversed = null;
    List<Correction> uncorrected = List.of();
    if (earlier != null && earlier.booked() != null) {
      reversed = earlier.firstBooked().reversed();
      book(run, run.node(reversed.runId(), null, agent, reversed.eventMicros()), reversed, out);
      uncorrected = uncorrected(earlier);
      for (Correction correction : uncorrected) {
        book(run, correction);
      }
    }
    Booking booked = span.booking();
    ToolSample sample = null;
    if (booked != null) {
      book(run, node, booked, out);
      letGoOfChanged(
          run, span.rootRunId(), span.subject(), span.eventMicros(), policies, nowMicros, out);
      if (run.hasOpenEpisodes()) {
        onDecisions(run, span.rootRunId(), policies, nowMicros, out);
      }
      if (booked.toolCalls() > 0 && !span.provisional()) {
        sample = countToolCall(run, node, span, policies, baselines, nowMicros, out);
      }
      closeCalmExplosions(run, span, policies, baselines, nowMicros, out);
      detectors.onSpan(run, node, span, policies, nowMicros, out);
      judgeBudgets(
          run,
          node,
          span.rootRunId(),
          List.of(span.spanId()),
          span.subject(),
          span.eventMicros(),
          policies,
          nowMicros,
          out);
    }
    SpanRecord record =
        earlier == null || earlier.revision() == 0
            ? span.record()
            : span.record().withRevision(earlier.revision() + uncorrected.size());
    return new Result(Disposition.BOOKED, record, reversed, uncorrected, booked, joined, sample);
  }

  /** What undoes the corrections of a writing that is replaced. */
  private static List<Correction> uncorrected(SpanRecord earlier) {
    if (earlier.adjustments().isEmpty()) {
      return List.of();
    }
    List<Correction> all = new ArrayList<>(earlier.adjustments().size());
    long cost = earlier.cost();
    for (Adjustment adjustment : earlier.adjustments()) {
      all.add(
          new Correction(
              earlier.revision() + all.size() + 1,
              CorrectionReason.OTHER,
              earlier.booked().only(adjustment.reversed()),
              earlier.eventMicros(),
              earlier.name(),
              cost,
              List.of()));
      cost -= adjustment.cost();
    }
    return all;
  }

  /** Books a correction of a span that is kept. */
  public void onCorrection(RunState run, Correction correction) {
    book(run, correction);
  }

  /**
   * Judges a run after corrections of its spans: budgets whose rung is no longer reached are let
   * go, and what they took the run to is acted upon. A run that is silent may rest because it was
   * told to, so it is let go too; but nothing more is asked of it.
   *
   * @param spanIds spans that were corrected
   */
  public void onCorrected(
      RunState run,
      String rootRunId,
      List<String> spanIds,
      Subject agent,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    for (Episode episode : List.copyOf(run.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null
          && policy.rule() instanceof Rule.Budget budget
          && budget.of() == Rule.Usage.COST
          && !Ladder.holds(policy, episode, RunBudgets.measure(budget, run, rootRunId, episode))) {
        ladder.close(
            policy,
            episode,
            run.episodes,
            target(run, rootRunId, agent.agent(), episode),
            run.exposure(),
            run.lastSeen,
            nowMicros,
            Ladder.PRICES_CORRECTED,
            out);
      }
    }
    if (!run.idle) {
      judgeBudgets(run, null, rootRunId, spanIds, agent, run.lastSeen, policies, nowMicros, out);
    }
  }

  /**
   * The run was silent for long enough: its agents leave it and what its episodes held is let go.
   */
  public void onIdle(
      RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    run.idle = true;
    run.leaveAll();
    for (Episode episode : List.copyOf(run.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy != null && episode.waitsForPerson()) {
        continue; // silent because it was told to be
      }
      ladder.close(
          policy,
          episode,
          run.episodes,
          target(run, rootRunId, run.subject == null ? null : run.subject.agent(), episode),
          run.exposure(),
          run.lastSeen,
          nowMicros,
          "The run has gone silent.",
          out);
    }
    detectors.onIdle(run, rootRunId, policies, nowMicros, out);
  }

  /**
   * The time has come that {@link Verdicts#lookAtMicros} had asked for: reminds people of what goes
   * on, and denies what they have not approved.
   */
  public void onTime(
      RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    String agent = run.subject == null ? null : run.subject.agent();
    for (Episode episode : run.episodes.open()) {
      ladder.remind(
          policies.byId(episode.policyId).orElse(null),
          episode,
          target(run, rootRunId, agent, episode),
          run.exposure(),
          run.lastSeen,
          nowMicros,
          out);
    }
    onDecisions(run, rootRunId, policies, nowMicros, out);
  }

  /**
   * People have decided something, or have not in time: does it at once, also for a run that rests.
   * Where caps were raised, lets go of what is no longer reached.
   */
  public void onDecisions(
      RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    for (Episode episode : List.copyOf(run.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      String agent = run.subject == null ? null : run.subject.agent();
      ladder.decide(
          policy,
          episode,
          run.episodes,
          target(run, rootRunId, agent, episode),
          run.exposure(),
          raises,
          run.lastSeen,
          nowMicros,
          out);
    }
    for (Episode episode : List.copyOf(run.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy == null
          || !(policy.rule() instanceof Rule.Budget budget)
          || !budget.per().isOfARun()
          || run.episodes.killed()) {
        continue;
      }
      String agent = run.subject == null ? null : run.subject.agent();
      Target target = target(run, rootRunId, agent, episode);
      Raised raised = raised(policy, target, nowMicros);
      long measure = RunBudgets.measure(budget, run, rootRunId, episode);
      if (!raised.isNone() && !Ladder.holds(policy, episode, raised.countable(measure))) {
        ladder.close(
            policy,
            episode,
            run.episodes,
            target,
            run.exposure(),
            run.lastSeen,
            nowMicros,
            raised.words(currency),
            raised.approvedBy(),
            raised.restored(policy, episode, measure),
            out);
      }
    }
  }

  private Raised raised(Policy policy, Target target, long nowMicros) {
    return Raised.of(raises, policy, target.type(), target.tenant(), target.id(), nowMicros);
  }

  /**
   * Policies have changed: lets go at once of what none of them asks for any more, also of a run
   * that rests and sends no span.
   */
  public void onPolicies(
      RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    letGoOfChanged(run, rootRunId, run.subject, run.lastSeen, policies, nowMicros, out);
  }

  /**
   * Lifts what no policy over runs asks for any more.
   *
   * @param agent agent at hand; null when none is
   */
  private void letGoOfChanged(
      RunState run,
      String rootRunId,
      Subject agent,
      long eventMicros,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    if (run.episodes.open().isEmpty()) {
      return;
    }
    for (Episode episode : List.copyOf(run.episodes.open())) {
      Policy policy = policies.byId(episode.policyId).orElse(null);
      if (policy == null
          || concernsWiderScope(policy)
          || isRaisedOver(policy, episode, run, rootRunId)
          || isDisplaced(policy, run.subject == null ? agent : run.subject, policies)) {
        ladder.close(
            policy,
            episode,
            run.episodes,
            target(run, rootRunId, agent == null ? null : agent.agent(), episode),
            run.exposure(),
            eventMicros,
            nowMicros,
            "The policy was removed or changed and no longer holds.",
            out);
      }
    }
  }

  /** A more specific budget holds now. A detector's episode is closed by calm, not by agents. */
  private static boolean isDisplaced(Policy policy, Subject subject, PolicySet policies) {
    return subject != null
        && policy.rule() instanceof Rule.Budget budget
        && budget.per() == Rule.Per.RUN
        && policies.isDisplaced(policy, subject);
  }

  private static boolean concernsWiderScope(Policy policy) {
    return policy.rule() instanceof Rule.Budget budget && !budget.per().isOfARun();
  }

  /**
   * The limit was raised since the episode opened, and the run no longer stands at its first rung.
   */
  private static boolean isRaisedOver(
      Policy policy, Episode episode, RunState run, String rootRunId) {
    return policy.rule() instanceof Rule.Budget budget
        && budget.of() != Rule.Usage.ACTION_VALUE
        && !policy.version().equals(episode.policyVersion)
        && !Ladder.touches(policy, RunBudgets.measure(budget, run, rootRunId, episode));
  }

  private static void book(RunState run, RunNode node, Booking booking, Verdicts out) {
    if (run.episodes.bookAfterStop(booking.cost())) {
      out.leak(booking.cost());
    }
    add(run, node, booking);
  }

  /** A correction is no spend of now: what was told to stop has not leaked it. */
  private static void book(RunState run, Correction correction) {
    Booking change = correction.change();
    RunNode node =
        run.node(change.runId(), null, change.subject().agent(), correction.eventMicros());
    add(run, node, change);
  }

  private static void add(RunState run, RunNode node, Booking booking) {
    run.cost.add(booking.cost());
    run.listCost.add(booking.listCost());
    run.bound.add(booking.bound());
    run.spans += booking.spans();
    run.llmCalls += booking.llmCalls();
    run.toolCalls += booking.toolCalls();
    run.tokens += booking.tokens();
    node.bound.add(booking.bound());
    run.addToTrees(node, booking.rootRunId(), Math.addExact(booking.cost(), booking.bound()));
    node.cost.add(booking.cost());
    node.spans += booking.spans();
    if (booking.step() != null) {
      run.step(booking.step()).add(booking.cost());
    }
    if (booking.tool() != null) {
      ToolUse use = run.tool(booking.subject().agent(), booking.tool());
      use.cost.add(booking.cost());
      use.calls += booking.toolCalls();
    }
  }

  private ToolSample countToolCall(
      RunState run,
      RunNode node,
      SpanFacts span,
      PolicySet policies,
      Baselines baselines,
      long nowMicros,
      Verdicts out) {
    String tool = span.booking().tool();
    if (run.keepsRun(span.runId())) {
      judgeCycles(run, node, span, tool, policies, nowMicros, out);
    }
    String agent = span.subject().agent();
    long minute = Math.floorDiv(span.eventMicros(), Times.MICROS_PER_MINUTE);
    ToolUse use = run.tool(agent, tool);
    int ended = use.addCall(minute);
    if (!run.keepsTool(agent, tool)) {
      return null;
    }
    boolean exploding = false;
    for (Policy policy : policies.holding(policies.explosions(), atCall(span, tool))) {
      exploding |= judgeExplosion(policy, run, use, span, minute, baselines, nowMicros, out);
    }
    return ended > 0 && !exploding ? new ToolSample(tool, ended) : null;
  }

  private void judgeCycles(
      RunState run,
      RunNode node,
      SpanFacts span,
      String tool,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    List<Policy> holding = policies.holding(policies.cycles(), atCall(span, tool));
    if (isIgnored(tool, holding)) {
      return;
    }
    node.cycle.add(span.signature(), span.resultKnown(), span.spanId());
    for (Policy policy : holding) {
      Rule.ExactCycle rule = (Rule.ExactCycle) policy.rule();
      if (rule.ignoreTools().contains(tool)) {
        continue;
      }
      CycleState.Repeats repeats = node.cycle.strongest(rule.maxPeriod());
      Episode episode = run.episodes.openFor(policy.id());
      if (Ladder.touches(policy, repeats.count())) {
        ladder.climb(
            policy,
            repeats.count(),
            run.episodes,
            target(run, span.rootRunId(), span.subject().agent()),
            run.exposure(),
            span.eventMicros(),
            nowMicros,
            rung ->
                evidence(
                    rule.type(),
                    String.valueOf(repeats.count()),
                    rung.at(),
                    "repeats",
                    "Agent %s repeats the same %s %d times%s in run %s (last: %s); %s %s spent."
                        .formatted(
                            span.subject().agent(),
                            repeats.period() == 1
                                ? "tool call"
                                : "cycle of " + repeats.period() + " tool calls",
                            repeats.seen(),
                            repeats.proven() ? "" : " (counted half: results unknown)",
                            span.rootRunId(),
                            tool,
                            Budgets.plain(run.exposure().toBigDecimal()),
                            currency),
                    node.cycle.newestSpanIds(CycleState.MAX_PERIOD),
                    Map.of(
                        "period", String.valueOf(repeats.period()),
                        "repeats_seen", String.valueOf(repeats.seen()),
                        "results_known", String.valueOf(repeats.proven()),
                        "tool", tool,
                        "run_id", span.runId())),
            out);
      } else if (episode != null
          && isCalm(run, rule, Ladder.falling(policy, episode, 2))
          && !Ladder.isCooling(policy, episode, span.eventMicros())) {
        ladder.close(
            policy,
            episode,
            run.episodes,
            target(run, span.rootRunId(), span.subject().agent()),
            run.exposure(),
            span.eventMicros(),
            nowMicros,
            "The calls no longer repeat.",
            out);
      }
    }
  }

  /**
   * Every policy that holds for the agent ignores the tool; its calls are then not in the sequence.
   */
  private static boolean isIgnored(String tool, List<Policy> holding) {
    for (Policy policy : holding) {
      if (!((Rule.ExactCycle) policy.rule()).ignoreTools().contains(tool)) {
        return false;
      }
    }
    return !holding.isEmpty();
  }

  private static Subject atCall(SpanFacts span, String tool) {
    return span.subject().calling(tool, null);
  }

  private static boolean isCalm(RunState run, Rule.ExactCycle rule, long falling) {
    for (RunNode node : run.nodes.values()) {
      if (node.cycle.strongest(rule.maxPeriod()).count() >= falling) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns true when the tool's use stands at the first rung, or an explosion was found before.
   */
  private boolean judgeExplosion(
      Policy policy,
      RunState run,
      ToolUse use,
      SpanFacts span,
      long minute,
      Baselines baselines,
      long nowMicros,
      Verdicts out) {
    Rule.ToolCallExplosion rule = (Rule.ToolCallExplosion) policy.rule();
    String agent = span.subject().agent();
    String tool = span.booking().tool();
    if (rule.ignoreTools().contains(tool)) {
      return false;
    }
    Usage usage =
        Usage.of(policy, use, minute, baselines.callsPerMinuteMilli(run.tenant, agent, tool));
    if (!Ladder.touches(policy, usage.factorMilli())) {
      return run.episodes.openFor(policy.id()) != null;
    }
    ladder.climb(
        policy,
        usage.factorMilli(),
        run.episodes,
        target(run, span.rootRunId(), agent),
        run.exposure(),
        span.eventMicros(),
        nowMicros,
        rung ->
            evidence(
                rule.type(),
                BigDecimal.valueOf(usage.factorMilli(), 3).toPlainString(),
                BigDecimal.valueOf(rung.threshold(), 3).toPlainString(),
                "times the expected calls",
                "Agent %s called %s %d times in %d minutes in run %s; %s expected; %s %s spent."
                    .formatted(
                        agent,
                        tool,
                        usage.calls(),
                        rule.windowMinutes(),
                        span.rootRunId(),
                        BigDecimal.valueOf(usage.expectedMilli(), 3).toPlainString(),
                        Budgets.plain(run.exposure().toBigDecimal()),
                        currency),
                List.of(span.spanId()),
                Map.of(
                    "tool", tool,
                    "calls", String.valueOf(usage.calls()),
                    "baseline_known", String.valueOf(usage.baselineKnown()),
                    "run_id", span.runId())),
        out);
    return true;
  }

  /**
   * How often a tool was called in a policy's window, and how often that was to be expected.
   *
   * @param factorMilli calls over expected calls, in thousandths; under the first rung while there
   *     are fewer calls than the policy's floor
   */
  private record Usage(long calls, long expectedMilli, long factorMilli, boolean baselineKnown) {
    static Usage of(Policy policy, ToolUse use, long minute, long baselineMilli) {
      Rule.ToolCallExplosion rule = (Rule.ToolCallExplosion) policy.rule();
      long firstFactorMilli = policy.ladder().get(0).threshold();
      long calls = use.callsInWindow(minute, rule.windowMinutes());
      long floorMilli = rule.floorCalls() * 1_000_000 / firstFactorMilli;
      long expectedMilli = Math.max(1, Math.max(rule.windowMinutes() * baselineMilli, floorMilli));
      long factorMilli = calls * 1_000_000 / expectedMilli;
      if (calls < rule.floorCalls()) { // the division above rounds
        factorMilli = Math.min(factorMilli, firstFactorMilli - 1);
      }
      return new Usage(calls, expectedMilli, factorMilli, baselineMilli > 0);
    }
  }

  /**
   * Hysteresis: an explosion is over when no tool of the run is called at half of what opens an
   * episode. Asked at every span, since an agent that was throttled may do without the tool.
   */
  private void closeCalmExplosions(
      RunState run,
      SpanFacts span,
      PolicySet policies,
      Baselines baselines,
      long nowMicros,
      Verdicts out) {
    if (run.episodes.open().isEmpty()) {
      return;
    }
    for (Policy policy : policies.explosions()) {
      Episode episode = run.episodes.openFor(policy.id());
      if (episode == null
          || Ladder.isCooling(policy, episode, span.eventMicros())
          || !isCalm(policy, episode, run, span.eventMicros(), baselines)) {
        continue;
      }
      ladder.close(
          policy,
          episode,
          run.episodes,
          target(run, span.rootRunId(), span.subject().agent()),
          run.exposure(),
          span.eventMicros(),
          nowMicros,
          "Tools are called as usual again.",
          out);
    }
  }

  /** Calm at the run's newest minute and at that of the span at hand, which may be late. */
  private static boolean isCalm(
      Policy policy, Episode episode, RunState run, long eventMicros, Baselines baselines) {
    long falling = Ladder.falling(policy, episode, (policy.ladder().get(0).threshold() + 1) / 2);
    Rule.ToolCallExplosion rule = (Rule.ToolCallExplosion) policy.rule();
    long newest = Math.floorDiv(run.lastSeen, Times.MICROS_PER_MINUTE);
    long here = Math.floorDiv(eventMicros, Times.MICROS_PER_MINUTE);
    for (Map.Entry<RunState.ToolKey, ToolUse> entry : run.tools.entrySet()) {
      RunState.ToolKey key = entry.getKey();
      if (key.agent().equals(RunState.OTHERS) || rule.ignoreTools().contains(key.tool())) {
        continue;
      }
      long usual = baselines.callsPerMinuteMilli(run.tenant, key.agent(), key.tool());
      if (Usage.of(policy, entry.getValue(), newest, usual).factorMilli() >= falling
          || Usage.of(policy, entry.getValue(), here, usual).factorMilli() >= falling) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param node run whose span it is; null when there is none
   */
  private void judgeBudgets(
      RunState run,
      RunNode node,
      String rootRunId,
      List<String> spanIds,
      Subject agent,
      long eventMicros,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    judgeSubtrees(run, node, rootRunId, spanIds, eventMicros, policies, nowMicros, out);
    List<Policy> budgets = policies.budgets(Rule.Per.RUN);
    if (budgets.isEmpty()) {
      return;
    }
    Subject subject = run.subject == null ? agent : run.subject;
    for (Policy policy : policies.holding(budgets, subject)) {
      Rule.Budget rule = (Rule.Budget) policy.rule();
      long measure =
          rule.of() == Rule.Usage.ACTION_VALUE
              ? RunBudgets.actionValue(node == null ? Map.of() : agent.tags())
              : RunBudgets.measure(rule, run);
      if (!Ladder.touches(policy, measure)) {
        continue;
      }
      Target target = target(run, rootRunId, subject.agent());
      Raised raised = raised(policy, target, nowMicros);
      if (!Ladder.touches(policy, raised.countable(measure))
          || raised.isStale(eventMicros, nowMicros)) {
        continue;
      }
      ladder.climb(
          policy,
          raised.countable(measure),
          run.episodes,
          target,
          run.exposure(),
          eventMicros,
          nowMicros,
          rung ->
              Budgets.evidence(
                  rule,
                  rung,
                  measure,
                  run.bound,
                  "Run " + rootRunId + " of agent " + subject.agent(),
                  spanIds,
                  new Budgets.Elapsed(run.firstSeen, run.lastSeen, Long.MAX_VALUE),
                  raised),
          out);
    }
  }

  /** What a run spends counts on it and on every run above it, each with a cap of its own. */
  private void judgeSubtrees(
      RunState run,
      RunNode node,
      String rootRunId,
      List<String> spanIds,
      long eventMicros,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    List<Policy> budgets = policies.budgets(Rule.Per.SUBTREE);
    if (budgets.isEmpty() || node == null) {
      return;
    }
    List<RunNode> path = new ArrayList<>();
    path.add(node);
    path.addAll(run.above(node));
    for (RunNode at : path) {
      String runId = run.idOf(at);
      Subject subject =
          new Subject(
              run.tenant, at.agent == null ? "" : at.agent, null, null, null, null, null, null);
      for (Policy policy : policies.holding(budgets, subject)) {
        long measure = at.tree.saturatedPico();
        if (runId == null
            || !Ladder.touches(policy, measure)
            || at != path.get(path.size() - 1) && run.episodes.open().size() >= MAX_EPISODES) {
          continue;
        }
        Rule.Budget rule = (Rule.Budget) policy.rule();
        Target target =
            new Target(TargetType.RUN, run.tenant, runId, at.agent, List.of(rootRunId))
                .of(run.subject);
        Raised raised = raised(policy, target, nowMicros);
        if (!Ladder.touches(policy, raised.countable(measure))
            || raised.isStale(eventMicros, nowMicros)) {
          continue;
        }
        ladder.climb(
            policy,
            raised.countable(measure),
            run.episodes,
            target,
            at.tree,
            eventMicros,
            nowMicros,
            rung ->
                Budgets.evidence(
                    rule,
                    rung,
                    measure,
                    at.bound,
                    "Run " + runId + " of agent " + at.agent + " with the runs it started",
                    spanIds,
                    new Budgets.Elapsed(at.firstSeen, run.lastSeen, Long.MAX_VALUE),
                    raised),
            out);
      }
    }
  }

  private static Target target(RunState run, String rootRunId, String agent, Episode episode) {
    if (episode.part == null) {
      return target(run, rootRunId, agent);
    }
    RunNode node = run.nodes.get(episode.part);
    return new Target(
            TargetType.RUN,
            run.tenant,
            episode.part,
            node == null ? agent : node.agent,
            List.of(rootRunId))
        .of(run.subject);
  }

  private static Target target(RunState run, String rootRunId, String agent) {
    return new Target(TargetType.RUN, run.tenant, rootRunId, agent, List.of(rootRunId))
        .of(run.subject);
  }

  static Evidence evidence(
      String rule,
      String measured,
      String threshold,
      String unit,
      String summary,
      List<String> spanIds,
      Map<String, String> details) {
    return Evidence.newBuilder()
        .setRule(rule)
        .setMeasured(measured)
        .setThreshold(threshold)
        .setUnit(unit)
        .setSummary(summary)
        .setSpanIds(new ArrayList<>(spanIds))
        .setDetails(new TreeMap<>(details)) // in one order: the same facts give the same bytes
        .build();
  }
}
