package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Times;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What two sets of policies would have done to the same past. Money is exact and in {@code
 * currency}.
 *
 * @param spans spans booked, each once however often it was written
 * @param rejected lines that could not be used
 * @param cost what was spent
 * @param runs root runs by how they ended
 * @param runsWithOutcome how many of them are judged by an outcome; the others by their last span
 * @param firstEvent event time of the first span, UTC; null when there was none
 * @param lastEvent event time of the last span, UTC; null when there was none
 * @param differences targets that the sets do not stop alike
 * @param spend what was spent over time
 * @param window length of the windows of {@code spend}
 */
public record BacktestReport(
    String currency,
    long spans,
    long rejected,
    BigDecimal cost,
    Map<Ending, Long> runs,
    long runsWithOutcome,
    Instant firstEvent,
    Instant lastEvent,
    SideReport baseline,
    SideReport candidate,
    List<Difference> differences,
    Duration window,
    List<Spend> spend) {

  private static final int MOST_WINDOWS = 400;
  private static final List<Duration> WINDOWS =
      List.of(Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofHours(1));

  /**
   * What was spent in a window of time; windows in which nothing was spent are left out.
   *
   * @param cost as it was
   * @param afterBaseline of it after a stop of the baseline, well ended or not
   * @param afterCandidate likewise of the candidate
   */
  public record Spend(
      Instant start, BigDecimal cost, BigDecimal afterBaseline, BigDecimal afterCandidate) {}

  static BacktestReport of(
      String currency, SideReport baseline, SideReport candidate, Side before, Side after) {
    PastRuns past = before.runs();
    Map<Ending, Long> runs = new EnumMap<>(Ending.class);
    for (Ending ending : Ending.values()) {
      runs.put(ending, past.count(ending));
    }
    Duration window = window(past);
    return new BacktestReport(
        currency,
        past.spans(),
        before.rejected(),
        past.cost().toBigDecimal(),
        runs,
        past.withOutcome(),
        past.isEmpty() ? null : Times.instant(past.firstMicros()),
        past.isEmpty() ? null : Times.instant(past.lastMicros()),
        baseline,
        candidate,
        Difference.between(baseline, candidate),
        window,
        spend(window, past.costByMinute(), before.costAfterByMinute(), after.costAfterByMinute()));
  }

  private static Duration window(PastRuns past) {
    if (past.isEmpty()) {
      return WINDOWS.get(0);
    }
    long minutes = (past.lastMicros() - past.firstMicros()) / Times.MICROS_PER_MINUTE;
    return WINDOWS.stream()
        .filter(length -> minutes / length.toMinutes() <= MOST_WINDOWS)
        .findFirst()
        .orElse(Duration.ofDays(1));
  }

  private static List<Spend> spend(
      Duration window,
      SortedMap<Long, Amount> cost,
      SortedMap<Long, Amount> afterBaseline,
      SortedMap<Long, Amount> afterCandidate) {
    SortedMap<Long, Amount> all = windows(window, cost);
    SortedMap<Long, Amount> baseline = windows(window, afterBaseline);
    SortedMap<Long, Amount> candidate = windows(window, afterCandidate);
    List<Spend> spend = new ArrayList<>();
    all.forEach(
        (at, amount) ->
            spend.add(
                new Spend(
                    Instant.ofEpochSecond(at * window.toSeconds()),
                    amount.toBigDecimal(),
                    baseline.getOrDefault(at, new Amount()).toBigDecimal(),
                    candidate.getOrDefault(at, new Amount()).toBigDecimal())));
    return spend;
  }

  private static SortedMap<Long, Amount> windows(
      Duration window, SortedMap<Long, Amount> byMinute) {
    SortedMap<Long, Amount> windows = new TreeMap<>();
    byMinute.forEach(
        (minute, amount) ->
            windows
                .computeIfAbsent(Math.floorDiv(minute, window.toMinutes()), w -> new Amount())
                .add(amount));
    return windows;
  }

  /** Root runs that ended well, and that the candidate cuts short but the baseline does not. */
  public Set<String> newlyStoppedRunsThatEndedWell() {
    Set<String> runs = candidate.runsThatEndedWell();
    runs.removeAll(baseline.runsThatEndedWell());
    return runs;
  }

  /**
   * In what the candidate is worse than the baseline, a sentence each; empty when it is not.
   *
   * @param on what counts
   * @param tolerancePercent by how much less may be saved, in percent of what the baseline saves
   */
  public List<String> regressions(Set<FailOn> on, BigDecimal tolerancePercent) {
    List<String> regressions = new ArrayList<>();
    if (on.contains(FailOn.NEVER)) {
      return regressions;
    }
    Set<String> stopped = newlyStoppedRunsThatEndedWell();
    if (on.contains(FailOn.HEALTHY_STOPS) && !stopped.isEmpty()) {
      regressions.add(
          "the candidate stops %d run(s) that ended well and that the baseline lets go on, such as %s"
              .formatted(stopped.size(), stopped.iterator().next()));
    }
    BigDecimal least =
        baseline
            .total()
            .saved()
            .multiply(new BigDecimal(100).subtract(tolerancePercent))
            .movePointLeft(2);
    if (on.contains(FailOn.SAVES_LESS) && candidate.total().saved().compareTo(least) < 0) {
      regressions.add(
          "the candidate saves %s %s where the baseline saves %s %s: less by more than %s %%"
              .formatted(
                  Money.plain(candidate.total().saved()),
                  currency,
                  Money.plain(baseline.total().saved()),
                  currency,
                  Money.plain(tolerancePercent)));
    }
    return regressions;
  }

  /** The documented form; money as exact decimal strings. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("currency", currency)
        .put("spans", spans)
        .put("rejected", rejected)
        .put("cost", Money.plain(cost))
        .put("first_event", firstEvent == null ? null : firstEvent.toString())
        .put("last_event", lastEvent == null ? null : lastEvent.toString());
    ObjectNode ended = json.putObject("runs");
    runs.forEach((ending, count) -> ended.put(ending.word(), count));
    ended.put("with_outcome", runsWithOutcome);
    json.set("baseline", baseline.toJson());
    json.set("candidate", candidate.toJson());
    ArrayNode changes = json.putArray("differences");
    differences.forEach(difference -> changes.add(difference.toJson()));
    ArrayNode healthy = json.putArray("newly_stopped_runs_that_ended_well");
    newlyStoppedRunsThatEndedWell().forEach(healthy::add);
    ObjectNode overTime = json.putObject("spend").put("window", window.toString());
    ArrayNode windows = overTime.putArray("windows");
    for (Spend each : spend) {
      windows
          .addObject()
          .put("start", each.start().toString())
          .put("cost", Money.plain(each.cost()))
          .put("after_baseline", Money.plain(each.afterBaseline()))
          .put("after_candidate", Money.plain(each.afterCandidate()));
    }
    return json;
  }
}
