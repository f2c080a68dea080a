package io.fuseline.stream.judge;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The root runs that are at work for each agent. Kept apart from the agent's {@link ScopeState},
 * which is written at each commit: there may be a million of them.
 */
public interface ActiveRuns {
  /**
   * The run is at work.
   *
   * @param eventMicros when it was announced last, event time, epoch microseconds
   */
  void join(ScopeKey agent, String rootRunId, long eventMicros);

  /** The run is no longer at work; nothing happens when it was not. */
  void leave(ScopeKey agent, String rootRunId);

  /** Goes through the agent's runs in the order of their ids, for as long as more are wanted. */
  void each(ScopeKey agent, Visitor visitor);

  /** Sees one run after the other. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param eventMicros when the run was announced last, event time, epoch microseconds
     * @return true when more are wanted
     */
    boolean visit(String rootRunId, long eventMicros);
  }

  /** Runs that are kept for as long as the object is. */
  static ActiveRuns inMemory() {
    Map<ScopeKey, SortedMap<String, Long>> runs = new HashMap<>();
    return new ActiveRuns() {
      @Override
      public void join(ScopeKey agent, String rootRunId, long eventMicros) {
        runs.computeIfAbsent(agent, first -> new TreeMap<>()).put(rootRunId, eventMicros);
      }

      @Override
      public void leave(ScopeKey agent, String rootRunId) {
        SortedMap<String, Long> left = runs.get(agent);
        if (left != null) {
          left.remove(rootRunId);
        }
      }

      @Override
      public void each(ScopeKey agent, Visitor visitor) {
        for (Map.Entry<String, Long> run : runs.getOrDefault(agent, new TreeMap<>()).entrySet()) {
          if (!visitor.visit(run.getKey(), run.getValue())) {
            return;
          }
        }
      }
    };
  }
}
