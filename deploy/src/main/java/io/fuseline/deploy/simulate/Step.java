package io.fuseline.deploy.simulate;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One thing an agent does; it becomes one span when it has ended.
 *
 * @param name name of the step in the agent's plan
 * @param takes how long it takes, more than zero
 * @param starts sub-agents that begin to work, in the same tree, when it has ended
 */
record Step(String name, Work work, Duration takes, List<Worker> starts) {
  Step {
    starts = List.copyOf(starts);
  }

  Step(String name, Work work, Duration takes) {
    this(name, work, takes, List.of());
  }

  /** What is done. */
  sealed interface Work {}

  /**
   * @param usage count of each usage unit, without zeros
   */
  record ModelCall(Map<String, Long> usage) implements Work {
    ModelCall {
      usage = Map.copyOf(usage);
    }
  }

  /**
   * @param argumentHash equal for equal arguments
   * @param resultHash equal for equal results
   * @param errorType null when the call succeeded
   */
  record ToolCall(Agent.Tool tool, long argumentHash, long resultHash, String errorType)
      implements Work {}
}
