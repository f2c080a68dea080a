package io.fuseline.stream.judge;

import io.fuseline.schemas.Evidence;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.policy.Policy;
import io.fuseline.stream.policy.PolicySet;
import io.fuseline.stream.policy.RunRule;
import io.fuseline.stream.policy.Rung;
import io.fuseline.stream.policy.Subject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The detectors that watch one root run, each by its {@link RunRule}. They see every span once it
 * is booked. An episode opens at the first rung and closes when the measure has come down to half
 * of it.
 */
final class RunDetectors {
  private final Ladder ladder;
  private final String currency;

  RunDetectors(Ladder ladder, String currency) {
    this.ladder = ladder;
    this.currency = currency;
  }

  /**
   * What a detector found.
   *
   * @param measure in the rule's scale
   * @param unit what the measure counts
   * @param summary the finding in one sentence, without the spend
   */
  record Finding(
      long measure,
      String unit,
      String summary,
      List<String> spanIds,
      Map<String, String> details) {}

  /** The span is booked; judges what it has led to. */
  void onSpan(
      RunState run,
      RunNode node,
      SpanFacts span,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    if (policies.runRules().isEmpty()) {
      return;
    }
    Subject subject =
        span.booking() == null
            ? span.subject()
            : span.subject().calling(span.booking().tool(), span.booking().model());
    for (Policy policy : policies.holding(policies.runRules(), subject)) {
      judge(policy, finding((RunRule) policy.rule(), run, span), run, span, nowMicros, out);
    }
  }

  private static Finding finding(RunRule rule, RunState run, SpanFacts span) {
    if (rule instanceof RunRule.Bound bound) {
      return RunBounds.finding(bound, run, span);
    }
    return null;
  }

  private void judge(
      Policy policy, Finding finding, RunState run, SpanFacts span, long nowMicros, Verdicts out) {
    if (finding == null) {
      return;
    }
    if (Ladder.touches(policy, finding.measure())) {
      ladder.climb(
          policy,
          finding.measure(),
          run.episodes,
          target(run, span),
          run.exposure(),
          span.eventMicros(),
          nowMicros,
          rung -> evidence((RunRule) policy.rule(), finding, rung, run),
          out);
      return;
    }
    Episode episode = run.episodes.open().isEmpty() ? null : run.episodes.openFor(policy.id());
    if (episode != null
        && finding.measure()
            < Ladder.falling(policy, episode, (policy.ladder().get(0).threshold() + 1) / 2)
        && !Ladder.isCooling(policy, episode, span.eventMicros())) {
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
  }

  private Evidence evidence(RunRule rule, Finding finding, Rung rung, RunState run) {
    return RunJudge.evidence(
        rule.type(),
        written(rule, finding.measure()),
        written(rule, rung.threshold()),
        finding.unit(),
        "%s %s %s spent."
            .formatted(finding.summary(), Budgets.plain(run.exposure().toBigDecimal()), currency),
        finding.spanIds(),
        finding.details());
  }

  /** A measure as people read it. */
  private static String written(RunRule rule, long measure) {
    return switch (rule.scale()) {
      case COUNT -> String.valueOf(measure);
      case FACTOR -> BigDecimal.valueOf(measure, 3).toPlainString();
      case PERCENT -> Budgets.plain(BigDecimal.valueOf(measure, 4));
    };
  }

  private static Target target(RunState run, SpanFacts span) {
    return new Target(
        TargetType.RUN,
        run.tenant,
        span.rootRunId(),
        span.subject().agent(),
        new ArrayList<>(List.of(span.rootRunId())));
  }
}
