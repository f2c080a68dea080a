package io.fuseline.deploy.bench;

import java.util.List;

/**
 * Which runs at scale are made.
 *
 * @param processes with how many processes the spans are worked off, each 1 or more
 * @param restore whether a start without local state is measured
 * @param takeoverSessionMs sessions, in milliseconds, at which a kill is measured
 */
public record ScaleSettings(
    List<Integer> processes, boolean restore, List<Integer> takeoverSessionMs) {
  /** None. */
  public static final ScaleSettings NONE = new ScaleSettings(List.of(), false, List.of());

  /** Copies the lists and checks the ranges. */
  public ScaleSettings {
    processes = List.copyOf(processes);
    takeoverSessionMs = List.copyOf(takeoverSessionMs);
    if (processes.stream().anyMatch(each -> each < 1)) {
      throw new IllegalArgumentException(
          "processes are " + processes + ", expected 1 or more each");
    }
  }

  boolean needsSpans() {
    return restore || !processes.isEmpty();
  }
}
