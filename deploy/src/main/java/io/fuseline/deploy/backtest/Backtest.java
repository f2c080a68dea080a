package io.fuseline.deploy.backtest;

import io.fuseline.deploy.replay.SideBySide;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * What a candidate set of policies would have done to the past, beside a baseline. Both judge the
 * same spans, in the order and by the clock of a {@linkplain io.fuseline.deploy.replay.Replay
 * replay}, each as if the other were not there. The past is taken as it was: what a stop would have
 * held back still counts on the budgets of those that judge on.
 */
public final class Backtest {
  private final SideBySide sides;
  private final String baseline;
  private final String candidate;
  private final OutcomeFile outcomes;

  private Backtest(SideBySide sides, String baseline, String candidate, OutcomeFile outcomes) {
    this.sides = sides;
    this.baseline = baseline;
    this.candidate = candidate;
    this.outcomes = outcomes;
  }

  /**
   * Loads what is needed beside the spans.
   *
   * @param prices as in {@link io.fuseline.deploy.replay.Replay#with}
   * @param baseline a policy file, a folder of them, or {@code default} for the shipped ones
   * @param candidate likewise
   * @param outcomes JSON lines, one Outcome each, plain or gzip; null when there are none
   * @throws io.fuseline.deploy.replay.ReplayInputException when one of them has a fault
   */
  public static Backtest with(String prices, String baseline, String candidate, Path outcomes) {
    SideBySide sides = SideBySide.with(prices, List.of(baseline, candidate));
    return new Backtest(
        sides,
        baseline,
        candidate,
        outcomes == null ? OutcomeFile.none() : OutcomeFile.read(outcomes, sides.currency()));
  }

  /**
   * Judges the spans of a file.
   *
   * @param spans JSON lines, one AgentSpan each, plain or gzip
   * @param reports where progress is reported
   * @throws io.fuseline.deploy.replay.ReplayInputException when the file cannot be read to its end
   */
  public BacktestReport run(Path spans, PrintWriter reports) throws IOException {
    Side before = new Side(sides.policies(0), new PastRuns(outcomes.endings()));
    Side after = new Side(sides.policies(1), new PastRuns(outcomes.endings()));
    sides.run(spans, outcomes.outcomes(), List.of(before, after), reports);
    return BacktestReport.of(
        sides.currency(),
        SideReport.of(baseline, before),
        SideReport.of(candidate, after),
        before,
        after);
  }
}
