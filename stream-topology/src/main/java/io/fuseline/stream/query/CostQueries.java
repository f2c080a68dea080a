package io.fuseline.stream.query;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an analyst can ask the state stores. Every answer says how old it may be ({@link
 * Staleness}); money is in {@link #currency()}, times are UTC instants.
 *
 * <p>All calls may throw {@link StoreUnavailable} while partitions move; the caller retries or says
 * so.
 */
public interface CostQueries {

  /** ISO 4217 currency of all money in the answers. */
  String currency();

  /**
   * Cost of one dimension value in tumbling windows that start in {@code [from, to)}, oldest first;
   * windows without spans are absent.
   */
  Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to);

  /**
   * The values of a dimension with the highest cost, dearest first, over all instances.
   *
   * @param tenant only this tenant; null for all
   * @param span which cost to rank by
   * @param limit 1 to 1000
   */
  Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit);

  /** One delegation tree with its timeline; empty if the root run is not known (any more). */
  Optional<RunView> run(String rootRunId);

  /** Episodes that are open now, newest first, over all instances. */
  Episodes openEpisodes(int limit);

  /** Commands that wait for an answer, newest first, over all instances. */
  OpenCommands openCommands(int limit);

  /**
   * Budgets that hold for one run or scope, and how they stand; empty when none does.
   *
   * @param type not {@link TargetType#OTHER}
   */
  Budgets budgets(TargetType type, String tenant, String scope);

  /** What to rank by: the current hour or day of event time, or everything booked so far. */
  enum Span {
    HOUR,
    DAY,
    TOTAL
  }

  /**
   * How old an answer may be.
   *
   * @param instance host and port of the instance that answered
   * @param partial true when some instance could not be asked, so that values are missing
   * @param newestEvent event time of the newest span that is in the answer's state; null when
   *     unknown
   */
  record Staleness(String instance, boolean partial, Instant newestEvent) {}

  /**
   * Cost in one window, corrections included.
   *
   * @param cost contracted cost; {@code listCost} is the same at list prices
   * @param unpricedBound conservative bound of what has no price; part of neither
   * @param outcomes what was achieved in the window; null when no outcome came
   */
  record Cell(
      Instant start,
      Instant end,
      BigDecimal cost,
      BigDecimal listCost,
      BigDecimal unpricedBound,
      long spans,
      long llmCalls,
      long toolCalls,
      long errors,
      long unpricedSpans,
      long tokens,
      Outcomes outcomes) {}

  /**
   * What was achieved, and what it cost. The cost is that of all attempts, failed and open ones
   * too.
   *
   * @param value what the successes are worth, as far as it was told
   * @param costPerSuccess null while there is no success; rounded half to even
   * @param valueOverCost value of one unit of money spent; null while nothing was spent; four
   *     digits, rounded half to even
   */
  record Outcomes(
      long successes,
      long failures,
      BigDecimal value,
      BigDecimal costPerSuccess,
      BigDecimal valueOverCost) {}

  record Series(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      List<Cell> cells,
      Staleness staleness) {}

  record Ranked(
      String tenant,
      String value,
      BigDecimal cost,
      BigDecimal listCost,
      BigDecimal unpricedBound,
      long spans,
      long toolCalls,
      Instant lastSeen,
      Outcomes outcomes) {}

  record Ranking(Dimension dimension, Span span, List<Ranked> values, Staleness staleness) {}

  /**
   * One run (one execution of one agent) in a delegation tree.
   *
   * @param parentRunId null for the root
   * @param ownCost cost of this run's own spans
   * @param treeCost own cost and that of all runs below
   */
  record RunNode(
      String runId,
      String parentRunId,
      String agentId,
      BigDecimal ownCost,
      BigDecimal treeCost,
      long spans,
      Instant firstSeen,
      Instant lastSeen) {}

  /**
   * One span on a run's timeline, as it stands in the books now.
   *
   * @param cost contracted cost, corrections included; null when it could not be priced. {@code
   *     listCost} is the same at list prices
   * @param corrections how often its cost was corrected after prices had changed
   */
  record TimelineSpan(
      String spanId,
      String runId,
      String kind,
      String name,
      Instant time,
      BigDecimal cost,
      BigDecimal listCost,
      int corrections,
      boolean error) {}

  /**
   * @param state ACTIVE, IDLE, THROTTLED, PAUSED or KILLED
   * @param spendAfterStop what was booked after a PAUSE or KILL was sent
   * @param outcomes by type; empty when none came
   * @param timeline newest 1000 spans, oldest first
   */
  record RunView(
      String rootRunId,
      String tenant,
      String state,
      BigDecimal cost,
      BigDecimal listCost,
      BigDecimal unpricedBound,
      BigDecimal spendAfterStop,
      long spans,
      Instant firstSeen,
      Instant lastSeen,
      List<RunNode> nodes,
      Map<String, BigDecimal> costByTool,
      Map<String, BigDecimal> costByStep,
      Map<String, Outcomes> outcomes,
      List<TimelineSpan> timeline,
      List<EpisodeView> episodes,
      Staleness staleness) {}

  /**
   * @param rung action of the highest rung reached
   * @param summary one sentence a person can act on
   * @param spendAtBreach spend of the target when the episode opened
   * @param spendAfter what was booked for the target since its strictest command
   */
  record EpisodeView(
      String episodeId,
      String policyId,
      String policyVersion,
      TargetType targetType,
      String tenant,
      String target,
      String rung,
      Instant openedAt,
      Instant lastEscalatedAt,
      BigDecimal spendAtBreach,
      BigDecimal spendAfter,
      String summary,
      List<String> commandIds) {}

  record Episodes(List<EpisodeView> episodes, Staleness staleness) {}

  /**
   * A command that has not been answered well enough yet.
   *
   * @param escalated true when its deadline has passed and people were told
   * @param missing runs, or the target itself, of which no sufficient answer has come
   * @param answers how many answers of each result came
   * @param notes what runtimes said that did less than they were told, newest last
   */
  record OpenCommandView(
      String commandId,
      String action,
      TargetType targetType,
      String tenant,
      String target,
      String policyId,
      String episodeId,
      Instant issuedAt,
      Instant deadline,
      boolean escalated,
      List<String> missing,
      Map<String, Long> answers,
      List<String> notes) {}

  record OpenCommands(List<OpenCommandView> commands, Staleness staleness) {}

  /**
   * One budget and how it stands. Amounts are money, or counts where the unit is no currency.
   *
   * @param mode SHADOW, WARN or ENFORCE
   * @param window such as LIFE, DAY or MONTH Europe/Berlin
   * @param unit ISO 4217 currency, or what is counted
   * @param target the run or scope; of a tree, the run below the root
   * @param spend what the books say, with what is known to be on its way there
   * @param limit what 100 % is, raises included
   * @param raised by how much the cap is raised for now
   * @param stopsAt measure at which the target is told to stop, raises included; null for never
   * @param reserved promised to calls under way and to leases
   * @param headroom what is left to {@code stopsAt}, or to the limit; not under 0
   * @param pacePerHour spent per hour of the window so far; null when it cannot be told
   * @param endsAt when the limit is reached at this pace; null when it is not, or cannot be told
   * @param reset when it begins anew; null for never
   */
  record BudgetView(
      String policyId,
      String policyVersion,
      String mode,
      String window,
      String unit,
      TargetType targetType,
      String target,
      BigDecimal spend,
      BigDecimal limit,
      BigDecimal raised,
      BigDecimal stopsAt,
      BigDecimal reserved,
      BigDecimal headroom,
      BigDecimal pacePerHour,
      Instant endsAt,
      Instant reset) {}

  record Budgets(
      TargetType targetType,
      String tenant,
      String target,
      List<BudgetView> budgets,
      Staleness staleness) {}

  /** The store that could answer is moving between instances; asking again in a moment will do. */
  final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
