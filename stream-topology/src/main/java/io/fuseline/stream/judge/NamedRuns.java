package io.fuseline.stream.judge;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/**
 * The active root runs that a command to an agent names, by id: as many as a record takes. They are
 * looked up when the command is written, and not for each that might be.
 */
final class NamedRuns extends AbstractList<String> {
  /** Most root runs named in one command; an agent's command holds for the others too. */
  static final int MOST = 1_000;

  /** Bytes of their ids, so that a command fits a record. */
  static final int MOST_BYTES = 200 << 10;

  private final ActiveRuns runs;
  private final ScopeKey agent;
  private final long horizonMicros;
  private List<String> named;

  /**
   * @param horizonMicros runs that were announced before are taken to have ended, and forgotten
   */
  NamedRuns(ActiveRuns runs, ScopeKey agent, long horizonMicros) {
    this.runs = runs;
    this.agent = agent;
    this.horizonMicros = horizonMicros;
  }

  @Override
  public String get(int index) {
    return named().get(index);
  }

  @Override
  public int size() {
    return named().size();
  }

  private List<String> named() {
    if (named == null) {
      named = new ArrayList<>();
      List<String> forgotten = new ArrayList<>();
      int[] bytes = {0};
      runs.each(
          agent,
          (rootRunId, eventMicros) -> {
            if (eventMicros < horizonMicros) {
              forgotten.add(rootRunId);
              return true;
            }
            bytes[0] += Utf8.bytes(rootRunId);
            if (bytes[0] > MOST_BYTES) {
              return false;
            }
            named.add(rootRunId);
            return named.size() < MOST;
          });
      forgotten.forEach(rootRunId -> runs.leave(agent, rootRunId));
    }
    return named;
  }
}
