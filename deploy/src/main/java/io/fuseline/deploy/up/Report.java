package io.fuseline.deploy.up;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What happened while Fuseline was up.
 *
 * @param startedAt when the start began
 * @param toLive how long the start took
 * @param live how long it was live
 * @param page address of the web page
 * @param before what the state stores held before, in a data folder that was used again
 * @param agents cost per agent as the state stores have it, that of before included, dearest first
 * @param seen what was read from the topics
 * @param failure why it ended before its time; empty when all went well
 */
record Report(
    Instant startedAt,
    Duration toLive,
    Duration live,
    String page,
    List<CostApi.AgentCost> before,
    List<CostApi.AgentCost> agents,
    Scoreboard.View seen,
    Optional<String> failure) {
  /** Currency of the prices and so of all costs. */
  static final String CURRENCY = "USD";

  Report {
    before = List.copyOf(before);
    agents = List.copyOf(agents);
  }

  /** Cost of all agents in the state stores. */
  BigDecimal ledgerCost() {
    return cost(agents);
  }

  /** Spans of all agents in the state stores. */
  long ledgerSpans() {
    return spans(agents);
  }

  /** The part of {@link #ledgerCost} that was there before. */
  BigDecimal costBefore() {
    return cost(before);
  }

  /** The part of {@link #ledgerSpans} that was there before. */
  long spansBefore() {
    return spans(before);
  }

  /** Whether state stores and topic agree on every span and to the last digit. */
  boolean agrees() {
    return ledgerSpans() - spansBefore() == seen.spans()
        && ledgerCost().subtract(costBefore()).compareTo(seen.cost()) == 0;
  }

  private static BigDecimal cost(List<CostApi.AgentCost> agents) {
    return agents.stream().map(CostApi.AgentCost::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static long spans(List<CostApi.AgentCost> agents) {
    return agents.stream().mapToLong(CostApi.AgentCost::spans).sum();
  }

  /** Spans a second over the whole time. */
  double spansPerSecond() {
    return seen.spans() * 1000.0 / Math.max(1, live.toMillis());
  }
}
