package io.fuseline.deploy.simulate;

import java.util.List;

/**
 * Who works: what stands in every span of it, and how it usually calls its model.
 *
 * @param tools what it has at hand; empty for an agent that only thinks
 */
record Agent(
    String id,
    String version,
    String role,
    String team,
    String project,
    String workflow,
    String costCentre,
    Model model,
    List<Tool> tools) {

  Agent {
    tools = List.copyOf(tools);
  }

  /**
   * A model as an agent uses it: tokens of one call, and how long it takes.
   *
   * @param input tokens that are neither read from the cache nor written to it
   * @param cacheWrite 0 to 0 where the provider does not bill it
   */
  record Model(
      String provider,
      String name,
      Range input,
      Range cacheRead,
      Range cacheWrite,
      Range output,
      Range millis) {}

  /**
   * A tool.
   *
   * @param provider {@code local} for a tool that costs nothing per call
   */
  record Tool(String provider, String name, Range millis) {
    static Tool local(String name, int fromMillis, int toMillis) {
      return new Tool("local", name, new Range(fromMillis, toMillis));
    }
  }

  /** Mean time of a step, in milliseconds: model and tools take turns. */
  long meanStepMillis() {
    double tool = tools.stream().mapToLong(each -> each.millis().middle()).average().orElse(0);
    return Math.round((model.millis().middle() + tool) / (tools.isEmpty() ? 1 : 2));
  }
}
