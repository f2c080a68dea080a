package io.fuseline.stream.judge;

/** How often an agent's runs usually call a tool. */
@FunctionalInterface
public interface Baselines {
  /**
   * Usual calls of one run in a minute in which it calls the tool, in thousandths; 0 when not known
   * yet.
   */
  long callsPerMinuteMilli(String tenant, String agent, String tool);

  /** Knows nothing yet. */
  static Baselines none() {
    return (tenant, agent, tool) -> 0;
  }
}
