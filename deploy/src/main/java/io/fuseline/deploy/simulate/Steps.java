package io.fuseline.deploy.simulate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws the steps of one agent. */
final class Steps {
  private final Agent agent;
  private final SplittableRandom random;

  Steps(Agent agent, SplittableRandom random) {
    this.agent = agent;
    this.random = random;
  }

  /** A call of the agent's model. */
  Step modelCall(String name) {
    Agent.Model model = agent.model();
    Map<String, Long> usage = new LinkedHashMap<>();
    put(usage, "input_tokens", model.input());
    put(usage, "cache_read_tokens", model.cacheRead());
    put(usage, "cache_write_5m_tokens", model.cacheWrite());
    put(usage, "output_tokens", model.output());
    return new Step(name, new Step.ModelCall(usage), millis(model.millis()));
  }

  /** A call of a tool. */
  Step toolCall(Agent.Tool tool, long argumentHash, long resultHash, String errorType) {
    return new Step(
        tool.name(),
        new Step.ToolCall(tool, argumentHash, resultHash, errorType),
        millis(tool.millis()));
  }

  private void put(Map<String, Long> usage, String unit, Range tokens) {
    int count = tokens.draw(random);
    if (count > 0) {
      usage.put(unit, (long) count);
    }
  }

  private Duration millis(Range range) {
    return Duration.ofMillis(range.draw(random));
  }
}
