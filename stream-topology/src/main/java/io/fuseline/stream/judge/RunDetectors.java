package io.fuseline.stream.judge;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.RunRule;
import io.fuseline.stream.policy.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The detectors that watch one root run, each by its {@link RunRule}. They see every span once it
 * is booked. An episode opens at the first rung and closes when the measure has come down to less
 * than half of it everywhere in the tree.
 */
final class RunDetectors {
  private static final int PROOFS = 8;

  private final Ladder ladder;
  private final String currency;

  RunDetectors(Ladder ladder, String currency) {
    this.ladder = ladder;
    this.currency = currency;
  }

  /** A writing of a span has come that changes something; it is not booked yet. */
  void onWriting(
      RunState run,
      SpanRecord earlier,
      SpanFacts span,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    boolean wasOpen = earlier != null && earlier.open();
    boolean isOpen = span.opens() || span.provisional();
    if (isOpen != wasOpen) {
      run.openSpans = Math.max(0, run.openSpans + (isOpen ? 1 : -1));
    }
    if (run.idle && run.hasOpenEpisodes()) {
      closeAbandoned(run, span, policies, nowMicros, out);
    }
  }

  /** The span is booked; judges what it has led to. */
  void onSpan(
      RunState run,
      RunNode node,
      SpanFacts span,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    if (policies.runRules().isEmpty() || run.episodes.killed()) {
      return; // a run that was told to end has nothing more to prove
    }
    Subject subject =
        span.booking() == null
            ? span.subject()
            : span.subject().calling(span.booking().tool(), span.booking().model());
    List<Policy> holding = policies.holding(policies.runRules(), subject);
    boolean sequenced = see(run, node, span, holding);
    for (Policy policy : holding) {
      Finding finding = finding((RunRule) policy.rule(), run, node, span, sequenced);
      if (finding != null && Ladder.touches(policy, finding.measure())) {
        climb(policy, finding, run, target(run, span), span.eventMicros(), nowMicros, out);
      } else if (run.hasOpenEpisodes()) {
        closeCalm(policy, run, span, nowMicros, out);
      }
    }
  }

  /**
   * Takes the span into the detectors' state, as far as a policy asks for it.
   *
   * @return true when it is a call that has come into the sequence
   */
  private static boolean see(RunState run, RunNode node, SpanFacts span, List<Policy> holding) {
    boolean ended = !span.provisional();
    if (ended && span.booking().toolCalls() > 0 && isWatched(span.booking().tool(), holding)) {
      CallWindow own = run.keepsRun(span.runId()) ? run.window(node) : null;
      if (own != null) {
        own.add(span.signs());
      }
      if (run.treeWindow != null) {
        run.treeWindow.add(span.signs());
      }
      return own != null || run.treeWindow != null;
    }
    if (ended && span.booking().llmCalls() > 0 && asksForTrend(holding)) {
      TokenTrend trend = run.keepsRun(span.runId()) ? run.trend(node) : null;
      if (trend != null) {
        trend.add(span.signs());
      }
    }
    return false;
  }

  /** A policy over sequences does not ignore the tool. */
  private static boolean isWatched(String tool, List<Policy> holding) {
    for (Policy policy : holding) {
      if (policy.rule() instanceof RunRule.OfCalls rule && !rule.ignoreTools().contains(tool)) {
        return true;
      }
    }
    return false;
  }

  private static boolean asksForTrend(List<Policy> holding) {
    for (Policy policy : holding) {
      if (policy.rule() instanceof RunRule.GrowingInput
          || policy.rule() instanceof RunRule.ReasoningShare) {
        return true;
      }
    }
    return false;
  }

  private static Finding finding(
      RunRule rule, RunState run, RunNode node, SpanFacts span, boolean sequenced) {
    if (rule instanceof RunRule.OfCalls calls) {
      return sequenced && !calls.ignoreTools().contains(span.booking().tool())
          ? ofCalls(calls, run, node, span)
          : null;
    }
    if (rule instanceof RunRule.Bound bound) {
      return RunBounds.finding(bound, run, span);
    }
    if (node.trend == null || span.booking().llmCalls() == 0) {
      return null;
    }
    if (rule instanceof RunRule.GrowingInput) {
      return growingInput(node.trend, span);
    }
    return rule instanceof RunRule.ReasoningShare share
        ? reasoningShare(share, node.trend, span)
        : null;
  }

  private static Finding ofCalls(RunRule.OfCalls rule, RunState run, RunNode node, SpanFacts span) {
    long own = measure(rule, node.window);
    long tree = measure(rule, run.treeWindow);
    return new Finding(Math.max(own, tree), () -> told(rule, own, tree, node, span));
  }

  private static Finding.Told told(
      RunRule.OfCalls rule, long own, long tree, RunNode node, SpanFacts span) {
    String tool = span.booking().tool();
    String where =
        tree > own ? "the runs of " + span.rootRunId() + " together" : "run " + span.runId();
    return new Finding.Told(
        unit(rule),
        "Agent %s, %s: %s (last: %s)"
            .formatted(span.subject().agent(), where, words(rule, Math.max(own, tree)), tool),
        proofs(node, span),
        Map.of("tool", tool, "run_id", span.runId(), "across_runs", String.valueOf(tree > own)));
  }

  /** What the rule counts in a window; 0 without one. */
  private static long measure(RunRule.OfCalls rule, CallWindow window) {
    if (window == null) {
      return 0;
    }
    if (rule instanceof RunRule.Loop) {
      return window.points();
    }
    RunRule.Repetition repetition = (RunRule.Repetition) rule;
    int within = repetition.withinCalls();
    return switch (repetition.sign()) {
      case REPEATED_CALL -> window.sameCalls(within);
      case ALTERNATION -> window.turns(within);
      case REPEATED_ERROR -> window.sameErrors(within);
      case NO_PROGRESS -> window.callsWithoutNews();
      case NEAR_CYCLE -> window.nearRepeats(within);
    };
  }

  private static String unit(RunRule.OfCalls rule) {
    if (rule instanceof RunRule.Loop) {
      return "points";
    }
    return switch (((RunRule.Repetition) rule).sign()) {
      case REPEATED_CALL, NO_PROGRESS -> "calls";
      case ALTERNATION -> "turns";
      case REPEATED_ERROR -> "errors";
      case NEAR_CYCLE -> "repeats";
    };
  }

  private static String words(RunRule.OfCalls rule, long measure) {
    if (rule instanceof RunRule.Loop) {
      return "calls bring little that is new, " + measure + " points";
    }
    RunRule.Repetition repetition = (RunRule.Repetition) rule;
    return switch (repetition.sign()) {
      case REPEATED_CALL ->
          "the same call %d times in %d calls".formatted(measure, repetition.withinCalls());
      case ALTERNATION -> "two calls take turns, %d times".formatted(measure);
      case REPEATED_ERROR ->
          "the same error %d times in %d calls".formatted(measure, repetition.withinCalls());
      case NO_PROGRESS -> "%d calls without a new result".formatted(measure);
      case NEAR_CYCLE -> "nearly the same calls, %d times".formatted(measure);
    };
  }

  private static List<String> proofs(RunNode node, SpanFacts span) {
    List<String> ids = new ArrayList<>(node.cycle.newestSpanIds(PROOFS));
    if (!ids.contains(span.spanId())) {
      ids.add(span.spanId());
    }
    return ids;
  }

  private static Finding growingInput(TokenTrend trend, SpanFacts span) {
    return new Finding(
        trend.acceleratingCalls(),
        () ->
            new Finding.Told(
                "calls",
                "Agent %s in run %s reads more and says less with each of %d model calls, now %d tokens in and %d out"
                    .formatted(
                        span.subject().agent(),
                        span.runId(),
                        trend.acceleratingCalls(),
                        trend.input(),
                        trend.output()),
                List.of(span.spanId()),
                Map.of(
                    "run_id", span.runId(),
                    "input_tokens", String.valueOf(trend.input()),
                    "output_tokens", String.valueOf(trend.output()))));
  }

  private static Finding reasoningShare(
      RunRule.ReasoningShare rule, TokenTrend trend, SpanFacts span) {
    long share = trend.reasoningShare(rule.floorTokens());
    return new Finding(
        share,
        () ->
            new Finding.Told(
                "% of output tokens",
                "Agent %s in run %s: %s %% of its newest output is reasoning"
                    .formatted(span.subject().agent(), span.runId(), Finding.percent(share)),
                List.of(span.spanId()),
                Map.of("run_id", span.runId())));
  }

  private void climb(
      Policy policy,
      Finding finding,
      RunState run,
      Target target,
      long eventMicros,
      long nowMicros,
      Verdicts out) {
    ladder.climb(
        policy,
        finding.measure(),
        run.episodes,
        target,
        run.exposure(),
        eventMicros,
        nowMicros,
        rung -> finding.evidence(policy.rule(), rung, run.exposure(), currency),
        out);
  }

  private void closeCalm(
      Policy policy, RunState run, SpanFacts span, long nowMicros, Verdicts out) {
    Episode episode = run.episodes.openFor(policy.id());
    if (episode == null
        || Ladder.isCooling(policy, episode, span.eventMicros())
        || !isCalm(policy, run, Ladder.falling(policy, episode, half(policy)))) {
      return;
    }
    ladder.close(
        policy,
        episode,
        run.episodes,
        target(run, span),
        run.exposure(),
        span.eventMicros(),
        nowMicros,
        "It has come down to less than half of the first rung.",
        out);
  }

  private static long half(Policy policy) {
    return (policy.ladder().get(0).threshold() + 1) / 2;
  }

  /** What does not come down, such as the size of the tree, ends with the run. */
  private static boolean isCalm(Policy policy, RunState run, long falling) {
    if (policy.rule() instanceof RunRule.Bound || policy.rule() instanceof RunRule.Abandoned) {
      return false;
    }
    if (policy.rule() instanceof RunRule.OfCalls rule && measure(rule, run.treeWindow) >= falling) {
      return false;
    }
    for (RunNode node : run.nodes.values()) {
      if (measure((RunRule) policy.rule(), node) >= falling) {
        return false;
      }
    }
    return true;
  }

  private static long measure(RunRule rule, RunNode node) {
    if (rule instanceof RunRule.OfCalls calls) {
      return measure(calls, node.window);
    }
    if (node.trend == null) {
      return 0;
    }
    return rule instanceof RunRule.ReasoningShare share
        ? node.trend.reasoningShare(share.floorTokens())
        : node.trend.acceleratingCalls();
  }

  /** The run has gone silent. */
  void onIdle(RunState run, String rootRunId, PolicySet policies, long nowMicros, Verdicts out) {
    if (run.openSpans == 0 || run.subject == null) {
      return;
    }
    Subject subject = run.subject;
    for (Policy policy : policies.holding(policies.runRules(), subject)) {
      if (policy.rule() instanceof RunRule.Abandoned && Ladder.touches(policy, run.openSpans)) {
        Finding finding =
            new Finding(
                run.openSpans,
                () ->
                    new Finding.Told(
                        "open spans",
                        "Run %s of agent %s has gone silent with %d spans that have not ended"
                            .formatted(rootRunId, subject.agent(), run.openSpans),
                        List.of(),
                        Map.of("last_seen", Times.instant(run.lastSeen).toString())));
        Target target = target(run, rootRunId, subject.agent());
        climb(policy, finding, run, target, run.lastSeen, nowMicros, out);
      }
    }
  }

  private void closeAbandoned(
      RunState run, SpanFacts span, PolicySet policies, long nowMicros, Verdicts out) {
    for (Policy policy : policies.runRules()) {
      Episode episode =
          policy.rule() instanceof RunRule.Abandoned ? run.episodes.openFor(policy.id()) : null;
      if (episode != null) {
        ladder.close(
            policy,
            episode,
            run.episodes,
            target(run, span),
            run.exposure(),
            span.eventMicros(),
            nowMicros,
            "The run has gone on.",
            out);
      }
    }
  }

  private static Target target(RunState run, SpanFacts span) {
    return target(run, span.rootRunId(), span.subject().agent());
  }

  private static Target target(RunState run, String rootRunId, String agent) {
    return new Target(TargetType.RUN, run.tenant, rootRunId, agent, List.of(rootRunId))
        .of(run.subject);
  }
}
