package io.fuseline.deploy.bench;

import java.util.List;

/**
 * Which runs at scale are made.
 *
 * @param runsAtOnce how many root runs are under way in each of the runs that show what more of
 *     them cost, each 1 or more
 * @param processes with how many processes the spans are worked off, each 1 or more
 * @param restore whether a start without local state is measured
 * @param takeoverSessionMs sessions, in milliseconds, at which a kill is measured
 */
public record ScaleSettings(
    List<Integer> runsAtOnce,
    List<Integer> processes,
    boolean restore,
    List<Integer> takeoverSessionMs) {
  /** None. */
  public static final ScaleSettings NONE =
      new ScaleSettings(List.of(), List.of(), false, List.of());

  /** One of each kind; beside it stands L4 of the ladder, with 500 root runs and one process. */
  public static final ScaleSettings SMALL =
      new ScaleSettings(List.of(10_000), List.of(2), true, List.of(3_000));

  /** Copies the lists and checks the ranges. */
  public ScaleSettings {
    runsAtOnce = List.copyOf(runsAtOnce);
    processes = List.copyOf(processes);
    takeoverSessionMs = List.copyOf(takeoverSessionMs);
    if (runsAtOnce.stream().anyMatch(each -> each < 1)) {
      throw new IllegalArgumentException(
          "runs at once are " + runsAtOnce + ", expected 1 or more each");
    }
    if (processes.stream().anyMatch(each -> each < 1)) {
      throw new IllegalArgumentException(
          "processes are " + processes + ", expected 1 or more each");
    }
  }

  boolean needsSpans() {
    return restore || !processes.isEmpty();
  }
}
