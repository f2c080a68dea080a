package io.fuseline.deploy.bench;

/**
 * How wide the work is spread.
 *
 * @param runsAtOnce root runs under way at a time, 1 or more; each is there from the warm-up on,
 *     and a run that ends is followed by a new one
 * @param agents 1 or more
 * @param skew how much busier the busiest agents are (Zipf), 0 or more; 0: all alike. At 1.1 the
 *     busiest of 200 agents has a fifth of all runs
 */
public record WorkloadShape(int runsAtOnce, int agents, double skew) {
  /** A fleet of some size. */
  public static final WorkloadShape DEFAULT = new WorkloadShape(500, 200, 1.1);

  /** Checks the ranges. */
  public WorkloadShape {
    if (runsAtOnce < 1) {
      throw new IllegalArgumentException("runs is " + runsAtOnce + ", expected 1 or more");
    }
    if (agents < 1) {
      throw new IllegalArgumentException("agents is " + agents + ", expected 1 or more");
    }
    if (!(skew >= 0)) {
      throw new IllegalArgumentException("skew is " + skew + ", expected 0 or more");
    }
  }
}
