package io.fuseline.stream.judge;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.Rule;
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
  private final Ladder ladder;
  private final String currency;

  /**
   * @param currency ISO 4217 currency of all money
   */
  public RunJudge(String currency) {
    this.currency = currency;
    this.ladder = new Ladder(currency);
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
   * @param booked what is booked now; null for a START, which costs nothing yet
   * @param joined the span's agent was not at work on this root run before
   * @param sample calls of one tool in a minute that has ended, to learn from; null when there is
   *     none
   */
  public record Result(
      Disposition disposition,
      SpanRecord record,
      Booking reversed,
      Booking booked,
      boolean joined,
      ToolSample sample) {
    private static final Result DUPLICATE =
        new Result(Disposition.DUPLICATE, null, null, null, false, null);
  }

  /** Calls of one tool by one run in one minute. */
  public record ToolSample(String tool, int calls) {}

  /** The state of a root run that was not known before. */
  public RunState open(SpanFacts span) {
    return new RunState(span.subject().tenant(), span.eventMicros());
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
    run.idle = false;
    run.firstSeen = Math.min(run.firstSeen, span.eventMicros());
    run.lastSeen = Math.max(run.lastSeen, span.eventMicros());
    run.lastWall = Math.max(run.lastWall, nowMicros);
    String agent = span.subject().agent();
    boolean joined = isAbsent(run, agent);
    RunNode node = run.node(span.runId(), span.parentRunId(), agent, span.eventMicros());
    node.present = true;

    Booking reversed = null;
    if (earlier != null && earlier.provisional() != null) {
      reversed = earlier.provisional().reversed();
      book(run, run.node(reversed.runId(), null, agent, reversed.eventMicros()), reversed, out);
    }
    Booking booked = span.booking();
    ToolSample sample = null;
    if (booked != null) {
      book(run, node, booked, out);
      if (booked.toolCalls() > 0 && !span.provisional()) {
        sample = countToolCall(run, node, span, policies, baselines, nowMicros, out);
      }
      judgeBudgets(run, span, policies, nowMicros, out);
    }
    return new Result(Disposition.BOOKED, span.record(), reversed, booked, joined, sample);
  }

  /**
   * The run was silent for long enough: its agents leave it and what its episodes held is let go.
   */
  public void onIdle(
      RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    run.idle = true;
    run.nodes.values().forEach(node -> node.present = false);
    for (Episode episode : List.copyOf(run.episodes.open())) {
      if (episode.sent == Action.PAUSE) {
        continue; // silent because it was told to be: it waits for a person
      }
      ladder.close(
          policies.byId(episode.policyId).orElse(null),
          episode,
          run.episodes,
          target(run, rootRunId, null),
          run.exposure(),
          run.lastSeen,
          nowMicros,
          "The run has gone silent.",
          out);
    }
  }

  private static boolean isAbsent(RunState run, String agent) {
    for (RunNode node : run.nodes.values()) {
      if (node.present && node.agent.equals(agent)) {
        return false;
      }
    }
    return true;
  }

  private static void book(RunState run, RunNode node, Booking booking, Verdicts out) {
    if (run.episodes.bookAfterStop(booking.cost())) {
      out.leak(booking.cost());
    }
    run.cost.add(booking.cost());
    run.bound.add(booking.bound());
    run.spans += booking.spans();
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
    judgeCycles(run, node, span, tool, policies, nowMicros, out);

    long minute = Math.floorDiv(span.eventMicros(), Times.MICROS_PER_MINUTE);
    ToolUse use = run.tool(span.subject().agent(), tool);
    int ended = use.addCall(minute);
    boolean exploding = false;
    for (Policy policy : policies.explosions()) {
      if (policy.match().matches(span.subject())) {
        exploding |= judgeExplosion(policy, run, use, span, minute, baselines, nowMicros, out);
      }
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
    boolean ignoredByAll = !policies.cycles().isEmpty();
    for (Policy policy : policies.cycles()) {
      ignoredByAll &= ((Rule.ExactCycle) policy.rule()).ignoreTools().contains(tool);
    }
    if (ignoredByAll) {
      return;
    }
    node.cycle.add(span.signature(), span.resultKnown(), span.spanId());
    for (Policy policy : policies.cycles()) {
      Rule.ExactCycle rule = (Rule.ExactCycle) policy.rule();
      if (!policy.match().matches(span.subject()) || rule.ignoreTools().contains(tool)) {
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
                    "Agent %s repeats the same %s %d times in run %s (last: %s); %s %s spent."
                        .formatted(
                            span.subject().agent(),
                            repeats.period() == 1
                                ? "tool call"
                                : "cycle of " + repeats.period() + " tool calls",
                            repeats.count(),
                            span.rootRunId(),
                            tool,
                            run.exposure(),
                            currency),
                    node.cycle.newestSpanIds(CycleState.MAX_PERIOD),
                    Map.of(
                        "period", String.valueOf(repeats.period()),
                        "results_known", String.valueOf(repeats.proven()),
                        "tool", tool,
                        "run_id", span.runId())),
            out);
      } else if (episode != null && isCalm(run, rule)) {
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

  private static boolean isCalm(RunState run, Rule.ExactCycle rule) {
    for (RunNode node : run.nodes.values()) {
      if (node.cycle.strongest(rule.maxPeriod()).count() > 1) {
        return false;
      }
    }
    return true;
  }

  /** Returns true while the tool's use stands over the first rung. */
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
    String tool = span.booking().tool();
    if (rule.ignoreTools().contains(tool)) {
      return false;
    }
    long calls = use.callsInWindow(minute, rule.windowMinutes());
    long firstFactorMilli = policy.ladder().get(0).threshold();
    long usualMilli =
        rule.windowMinutes()
            * baselines.callsPerMinuteMilli(span.subject().tenant(), span.subject().agent(), tool);
    long expectedMilli =
        Math.max(1, Math.max(usualMilli, rule.floorCalls() * 1_000_000 / firstFactorMilli));
    long factorMilli = calls * 1_000_000 / expectedMilli;
    Episode episode = run.episodes.openFor(policy.id());
    if (Ladder.touches(policy, factorMilli)) {
      ladder.climb(
          policy,
          factorMilli,
          run.episodes,
          target(run, span.rootRunId(), span.subject().agent()),
          run.exposure(),
          span.eventMicros(),
          nowMicros,
          rung ->
              evidence(
                  rule.type(),
                  BigDecimal.valueOf(factorMilli, 3).toPlainString() + "x",
                  rung.at(),
                  "times the expected calls",
                  "Agent %s called %s %d times in %d minutes in run %s; %s expected; %s %s spent."
                      .formatted(
                          span.subject().agent(),
                          tool,
                          calls,
                          rule.windowMinutes(),
                          span.rootRunId(),
                          BigDecimal.valueOf(expectedMilli, 3).toPlainString(),
                          run.exposure(),
                          currency),
                  List.of(span.spanId()),
                  Map.of(
                      "tool", tool,
                      "calls", String.valueOf(calls),
                      "baseline_known", String.valueOf(usualMilli > 0),
                      "run_id", span.runId())),
          out);
      return true;
    }
    // Hysteresis: the episode closes at half of what opened it.
    if (episode != null && factorMilli * 2 < firstFactorMilli) {
      ladder.close(
          policy,
          episode,
          run.episodes,
          target(run, span.rootRunId(), span.subject().agent()),
          run.exposure(),
          span.eventMicros(),
          nowMicros,
          "The tool is called as usual again.",
          out);
    }
    return episode != null;
  }

  private void judgeBudgets(
      RunState run, SpanFacts span, PolicySet policies, long nowMicros, Verdicts out) {
    List<Policy> budgets = policies.budgets(Rule.Per.RUN);
    if (budgets.isEmpty()) {
      return;
    }
    Amount exposure = run.exposure();
    for (Policy policy : budgets) {
      if (!policy.match().matches(span.subject())
          || !Ladder.touches(policy, exposure.saturatedPico())) {
        continue;
      }
      Rule.Budget rule = (Rule.Budget) policy.rule();
      ladder.climb(
          policy,
          exposure.saturatedPico(),
          run.episodes,
          target(run, span.rootRunId(), span.subject().agent()),
          exposure,
          span.eventMicros(),
          nowMicros,
          rung ->
              Budgets.evidence(
                  rule,
                  rung,
                  exposure,
                  run.bound,
                  "Run " + span.rootRunId() + " of agent " + span.subject().agent(),
                  List.of(span.spanId())),
          out);
    }
  }

  private static Target target(RunState run, String rootRunId, String agent) {
    return new Target(TargetType.RUN, run.tenant, rootRunId, agent, List.of(rootRunId));
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
