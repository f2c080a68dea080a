package io.fuseline.stream.judge;

import io.fuseline.schemas.AckResult;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.query.CostQueries;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Shows state to those who ask for it. */
public final class Views {
  private static final int RATIO_SCALE = 4;

  private Views() {}

  public static CostQueries.Cell cell(CellKey key, Cell cell) {
    return new CostQueries.Cell(
        Times.instant(key.startMicros()),
        Times.instant(key.startMicros() + Windows.micros(key.window())),
        cell.cost.toBigDecimal(),
        cell.listCost.toBigDecimal(),
        cell.bound.toBigDecimal(),
        cell.spans,
        cell.llmCalls,
        cell.toolCalls,
        cell.errors,
        cell.unpricedSpans,
        cell.tokens,
        cell.outcomes == null ? null : outcomes(cell.outcomes(null), cell.cost));
  }

  private static CostQueries.Outcomes outcomes(OutcomeCounts.Count count, Amount cost) {
    BigDecimal spent = cost.toBigDecimal();
    BigDecimal value = count.value.toBigDecimal();
    return new CostQueries.Outcomes(
        count.successes,
        count.failures,
        value,
        count.successes == 0
            ? null
            : spent.divide(
                BigDecimal.valueOf(count.successes), Amount.SCALE, RoundingMode.HALF_EVEN),
        spent.signum() == 0 ? null : value.divide(spent, RATIO_SCALE, RoundingMode.HALF_EVEN));
  }

  public static CostQueries.Ranked ranked(ScopeKey key, ScopeState state, Cell cell) {
    return new CostQueries.Ranked(
        key.tenant(),
        key.value(),
        cell.cost.toBigDecimal(),
        cell.listCost.toBigDecimal(),
        cell.bound.toBigDecimal(),
        cell.spans,
        cell.toolCalls,
        state.newest < 0 ? null : Times.instant(state.newest),
        cell.outcomes == null ? null : outcomes(cell.outcomes(null), cell.cost));
  }

  public static CostQueries.TimelineSpan span(String spanId, SpanRecord span) {
    return new CostQueries.TimelineSpan(
        spanId,
        span.runId(),
        span.kind(),
        span.name(),
        Times.instant(span.eventMicros()),
        span.priced() ? BigDecimal.valueOf(span.cost(), Amount.SCALE) : null,
        span.priced() ? BigDecimal.valueOf(span.listCost(), Amount.SCALE) : null,
        span.revision(),
        span.error());
  }

  public static List<CostQueries.EpisodeView> episodes(String rootRunId, RunState run) {
    return episodes(
        new Target(TargetType.RUN, run.tenant, rootRunId, null, List.of()), run.episodes);
  }

  public static List<CostQueries.EpisodeView> episodes(ScopeKey key, ScopeState state) {
    Target target =
        new Target(
            ScopeJudge.targetType(key.dimension()), key.tenant(), key.value(), null, List.of());
    return episodes(target, state.episodes);
  }

  private static List<CostQueries.EpisodeView> episodes(Target target, EpisodeBook book) {
    return book.open().stream()
        .map(
            episode ->
                new CostQueries.EpisodeView(
                    Ladder.episodeId(
                        episode.part == null
                            ? target
                            : new Target(
                                target.type(), target.tenant(), episode.part, null, List.of()),
                        episode),
                    episode.policyId,
                    episode.policyVersion,
                    target.type(),
                    target.tenant(),
                    episode.part == null ? target.id() : episode.part,
                    episode.action.name(),
                    Times.instant(episode.openedAt),
                    Times.instant(episode.escalatedAt),
                    episode.spendAtOpen.toBigDecimal(),
                    episode.spendAfterStop.toBigDecimal(),
                    episode.summary,
                    List.copyOf(episode.commandIds)))
        .toList();
  }

  /** A command whose answers are awaited; it {@linkplain OpenCommand#isIssued was issued}. */
  public static CostQueries.OpenCommandView command(OpenCommand open) {
    OpenCommand.Facts facts = open.facts;
    Map<String, Long> answers = new TreeMap<>();
    for (AckResult result : AckResult.values()) {
      if (open.answers(result) > 0) {
        answers.put(result.name(), open.answers(result));
      }
    }
    return new CostQueries.OpenCommandView(
        facts.commandId(),
        facts.action().name(),
        facts.targetType(),
        facts.tenant(),
        facts.targetId(),
        facts.policyId(),
        facts.episodeId(),
        Times.instant(facts.issuedMicros()),
        Times.instant(facts.deadlineMicros()),
        open.isEscalated(),
        open.missing(),
        answers,
        open.notes());
  }

  public static CostQueries.RunView run(
      String rootRunId,
      RunState run,
      List<CostQueries.TimelineSpan> timeline,
      CostQueries.Staleness staleness) {
    Map<String, BigDecimal> byTool = new TreeMap<>();
    run.tools.forEach(
        (key, use) -> byTool.merge(key.tool(), use.cost.toBigDecimal(), BigDecimal::add));
    Map<String, BigDecimal> byStep = new TreeMap<>();
    run.steps.forEach((step, amount) -> byStep.put(step, amount.toBigDecimal()));
    Map<String, CostQueries.Outcomes> outcomes = new TreeMap<>();
    if (run.outcomes != null) {
      run.outcomes
          .counts
          .types()
          .forEach(type -> outcomes.put(type, outcomes(run.outcomes.counts.of(type), run.cost)));
    }
    return new CostQueries.RunView(
        rootRunId,
        run.tenant,
        state(run),
        run.cost.toBigDecimal(),
        run.listCost.toBigDecimal(),
        run.bound.toBigDecimal(),
        run.episodes.spendAfterStop().toBigDecimal(),
        run.spans,
        Times.instant(run.firstSeen),
        Times.instant(run.lastSeen),
        nodes(run),
        byTool,
        byStep,
        outcomes,
        timeline,
        episodes(rootRunId, run),
        staleness);
  }

  private static String state(RunState run) {
    if (run.episodes.killed()) {
      return "KILLED";
    }
    if (run.episodes.paused()) {
      return "PAUSED";
    }
    if (run.episodes.throttled()) {
      return "THROTTLED";
    }
    return run.idle ? "IDLE" : "ACTIVE";
  }

  private static List<CostQueries.RunNode> nodes(RunState run) {
    Map<String, Amount> treeCosts = new HashMap<>();
    run.nodes.forEach(
        (runId, node) -> {
          Set<String> path = new HashSet<>(); // ends a tree that bites its tail
          String at = runId;
          while (at != null && path.add(at)) {
            treeCosts.computeIfAbsent(at, id -> new Amount()).add(node.cost);
            RunNode here = run.nodes.get(at);
            at = here == null ? null : here.parentRunId;
          }
        });
    List<CostQueries.RunNode> nodes = new ArrayList<>();
    run.nodes.forEach(
        (runId, node) ->
            nodes.add(
                new CostQueries.RunNode(
                    runId,
                    node.parentRunId,
                    node.agent,
                    node.cost.toBigDecimal(),
                    treeCosts.get(runId).toBigDecimal(),
                    node.spans,
                    Times.instant(node.firstSeen),
                    Times.instant(node.lastSeen))));
    return nodes;
  }
}
