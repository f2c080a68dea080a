package io.fuseline.stream.judge;

import io.fuseline.stream.policy.AgentRule;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The detectors that watch what one agent spends, each by its {@link AgentRule}. They see every sum
 * of deltas of the agent's scope once it is booked.
 */
final class AgentDetectors {
  private final Ladder ladder;
  private final String currency;

  AgentDetectors(Ladder ladder, String currency) {
    this.ladder = ladder;
    this.currency = currency;
  }

  /**
   * The sum is booked; judges what the agent spends. Corrections are no spend of now.
   *
   * @param target asked for when there is something to tell: it names all active runs
   */
  void onSum(
      ScopeState agent,
      DeltaSum sum,
      PolicySet policies,
      Supplier<Target> target,
      long nowMicros,
      Verdicts out) {
    Delta delta = sum.total();
    if (policies.agentRules().isEmpty()
        || agent.subject == null
        || delta.cause() == Delta.Cause.CORRECTED
        || delta.cause() == Delta.Cause.UNCORRECTED) {
      return;
    }
    List<Policy> holding = policies.holding(policies.agentRules(), agent.subject);
    see(agent, sum, holding);
    for (Policy policy : holding) {
      judge(policy, agent, sum, target, nowMicros, out);
    }
  }

  /** Takes the sum into the detectors' state, as far as a policy asks for it. */
  private static void see(ScopeState agent, DeltaSum sum, List<Policy> holding) {
    Delta delta = sum.total();
    boolean pace = false;
    boolean shift = false;
    for (Policy policy : holding) {
      boolean ofCalls = policy.rule() instanceof AgentRule.CostShift;
      shift |= ofCalls;
      pace |= !ofCalls;
    }
    if (shift && !sum.calls().isEmpty()) {
      agent.shift = agent.shift == null ? new CostShift() : agent.shift;
      for (DeltaSum.Call call : sum.calls()) {
        agent.shift.add(call.use(), call.cost(), call.eventMicros());
      }
    }
    if (pace) {
      agent.pace = agent.pace == null ? new SpendPace() : agent.pace;
      agent.pace.add(delta.eventMicros(), delta.cost(), isSettling(agent, delta));
    }
  }

  private void judge(
      Policy policy,
      ScopeState agent,
      DeltaSum sum,
      Supplier<Target> target,
      long nowMicros,
      Verdicts out) {
    Delta delta = sum.total();
    Finding finding = finding(policy, agent, sum);
    if (finding == null) {
      return;
    }
    if (Ladder.touches(policy, finding.measure())) {
      ladder.climb(
          policy,
          finding.measure(),
          agent.episodes,
          target.get(),
          agent.total.exposure(),
          delta.eventMicros(),
          nowMicros,
          rung -> finding.evidence(policy.rule(), rung, agent.total.exposure(), currency),
          out);
      return;
    }
    Episode episode = agent.hasOpenEpisodes() ? agent.episodes.openFor(policy.id()) : null;
    if (episode != null
        && finding.measure() < Ladder.falling(policy, episode, calm(policy))
        && !Ladder.isCooling(policy, episode, delta.eventMicros())) {
      close(policy, agent, target.get(), delta.eventMicros(), nowMicros, out);
    }
  }

  /** Hysteresis: half of the first rung; of a factor of cost, half of what is over 1. */
  private static long calm(Policy policy) {
    long first = policy.ladder().get(0).threshold();
    return policy.rule() instanceof AgentRule.CostShift ? (1000 + first) / 2 : (first + 1) / 2;
  }

  private static Finding finding(Policy policy, ScopeState agent, DeltaSum sum) {
    Delta delta = sum.total();
    AgentRule rule = (AgentRule) policy.rule();
    if (rule instanceof AgentRule.SpendBurst burst) {
      return burst(policy, burst, agent, delta);
    }
    if (rule instanceof AgentRule.SpendDrift drift) {
      return drift(drift, agent, delta);
    }
    return agent.shift == null ? null : shift((AgentRule.CostShift) rule, agent, sum);
  }

  private static Finding burst(
      Policy policy, AgentRule.SpendBurst rule, ScopeState agent, Delta delta) {
    SpendPace pace = agent.pace;
    int window = rule.windowMinutes();
    long spent = pace.spentIn(window);
    long firstMilli = policy.ladder().get(0).threshold();
    // The floor times 1000 over the first rung, without going through the product.
    long floor =
        rule.floorPico() / firstMilli * 1000 + rule.floorPico() % firstMilli * 1000 / firstMilli;
    long usual = pace.usualAtMost(window, rule.confidence().deviations());
    boolean settling = isSettling(agent, delta);
    if (settling && usual < Long.MAX_VALUE / 2) {
      usual *= 2; // an agent that was changed may cost up to twice as much while it settles
    }
    long expected = Math.max(1, Math.max(usual, floor));
    long factor = Math.min(spent, Long.MAX_VALUE / 1000) * 1000 / expected;
    if (spent < rule.floorPico()) { // the division above rounds
      factor = Math.min(factor, firstMilli - 1);
    }
    if (!pace.isKnown() && policy.ladder().size() > 1) { // the floor alone proves no more than this
      factor = Math.min(factor, policy.ladder().get(1).threshold() - 1);
    }
    return new Finding(
        Math.max(0, factor), () -> told(rule, agent, delta, spent, expected, settling));
  }

  private static Finding.Told told(
      AgentRule.SpendBurst rule,
      ScopeState agent,
      Delta delta,
      long spent,
      long expected,
      boolean settling) {
    int window = rule.windowMinutes();
    Map<String, String> details = new TreeMap<>();
    details.put("spent_in_window", usd(spent));
    details.put("expected_at_most", usd(expected));
    details.put("usual", usd(agent.pace.usual(window)));
    details.put("confidence", rule.confidence().written());
    details.put("baseline_known", String.valueOf(agent.pace.isKnown()));
    details.put("projected_per_day", usd(Math.min(spent, Long.MAX_VALUE / 1440) / window * 1440));
    return new Finding.Told(
        "times the expected spend",
        "Agent %s spent %s in %d minutes, where at most %s was to be expected%s"
            .formatted(
                agent.subject.agent(),
                usd(spent),
                window,
                usd(expected),
                settling ? " in the day after a change" : ""),
        proof(delta),
        details);
  }

  private static Finding drift(AgentRule.SpendDrift rule, ScopeState agent, Delta delta) {
    SpendPace pace = agent.pace;
    long now = pace.blockSpend();
    boolean little = now < rule.floorPico();
    if (little && agent.episodes.open().isEmpty()) {
      return null;
    }
    return new Finding(
        little ? 0 : pace.drift(),
        () -> {
          String usual = usd(pace.usual(SpendPace.BLOCK));
          return new Finding.Told(
              "standard deviations over the allowance",
              "What agent %s spends creeps upwards: %s in its newest %d active minutes, %s is usual"
                  .formatted(agent.subject.agent(), usd(now), SpendPace.BLOCK, usual),
              proof(delta),
              Map.of("spent_in_active_minutes", usd(now), "usual", usual));
        });
  }

  private static Finding shift(AgentRule.CostShift rule, ScopeState agent, DeltaSum sum) {
    boolean proven = agent.shift.callsSince() >= rule.leastCalls();
    return new Finding(
        proven ? agent.shift.costFactorMilli() : 0, () -> told(agent.shift, agent, sum));
  }

  private static Finding.Told told(CostShift shift, ScopeState agent, DeltaSum sum) {
    Map<String, String> details = new TreeMap<>();
    details.put("cause", shift.cause().name());
    details.put("price_factor", Finding.factor(shift.priceFactorMilli()));
    details.put("token_factor", Finding.factor(shift.tokenFactorMilli()));
    details.put("calls_since", String.valueOf(shift.callsSince()));
    if (!sum.calls().isEmpty()) {
      ModelUse newest = sum.calls().get(sum.calls().size() - 1).use();
      details.put("model", newest.model());
      details.put("agent_version", String.valueOf(newest.agentVersion()));
    }
    return new Finding.Told(
        "times the cost of a call before the change",
        "A model call of agent %s costs %s times what it did before the change, cause %s: price %s times, tokens %s times"
            .formatted(
                agent.subject.agent(),
                Finding.factor(shift.costFactorMilli()),
                shift.cause(),
                Finding.factor(shift.priceFactorMilli()),
                Finding.factor(shift.tokenFactorMilli())),
        proof(sum.total()),
        details);
  }

  private static boolean isSettling(ScopeState agent, Delta delta) {
    return agent.shift != null && agent.shift.isFresh(delta.eventMicros());
  }

  private static List<String> proof(Delta delta) {
    return delta.spanId() == null ? List.of() : List.of(delta.spanId());
  }

  private static String usd(long pico) {
    return Budgets.plain(BigDecimal.valueOf(pico, Amount.SCALE));
  }

  /** The agent has been silent for a minute at least: a burst is over once its window is. */
  void onSilence(
      ScopeState agent, PolicySet policies, Target target, long nowMicros, Verdicts out) {
    if (agent.pace == null || !agent.hasOpenEpisodes()) {
      return;
    }
    long minute = Math.floorDiv(nowMicros, Times.MICROS_PER_MINUTE);
    for (Policy policy : policies.agentRules()) {
      if (policy.rule() instanceof AgentRule.SpendBurst burst
          && minute - agent.pace.newestMinute() >= burst.windowMinutes()) {
        close(policy, agent, target, agent.newest, nowMicros, out);
      }
    }
  }

  private void close(
      Policy policy,
      ScopeState agent,
      Target target,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    Episode episode = agent.episodes.openFor(policy.id());
    if (episode != null) {
      ladder.close(
          policy,
          episode,
          agent.episodes,
          target,
          agent.total.exposure(),
          eventMicros,
          nowMicros,
          "It has come down to what is usual.",
          out);
    }
  }
}
