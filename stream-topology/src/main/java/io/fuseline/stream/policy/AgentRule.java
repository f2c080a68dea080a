package io.fuseline.stream.policy;

import java.math.BigDecimal;
import java.util.Map;

/**
 * A rule of a detector that watches what one agent spends over all its runs, against what the same
 * agent usually spends.
 */
public sealed interface AgentRule extends Rule {

  /** Every setting, defaults filled in, as it stands in a policy's compiled form. */
  Map<String, Object> settings();

  /**
   * An agent spends much faster than it usually does. Measure, in thousandths: spend in the window
   * over what the window may cost at the given confidence, where no less than {@code floorPico}
   * divided by the first rung's factor is expected. While the agent's pace is not known yet, no
   * more than the first rung is reached.
   *
   * @param windowMinutes 1 to 10
   * @param floorPico the first rung is never reached with less spend than this in the window
   * @param confidence part of the agent's own minutes that are to lie under what is expected
   */
  record SpendBurst(int windowMinutes, long floorPico, Confidence confidence) implements AgentRule {
    @Override
    public String type() {
      return "spend-burst";
    }

    @Override
    public Scale scale() {
      return Scale.FACTOR;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of(
          "window_minutes",
          windowMinutes,
          "floor",
          BigDecimal.valueOf(floorPico, 12).toPlainString(),
          "confidence",
          confidence.written());
    }
  }

  /**
   * What an agent spends creeps upwards. Measure: standard deviations gathered over the allowance
   * (a one-sided CUSUM).
   *
   * @param floorPico while five active minutes cost less than this, nothing is said
   */
  record SpendDrift(long floorPico) implements AgentRule {
    @Override
    public String type() {
      return "spend-drift";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("floor", BigDecimal.valueOf(floorPico, 12).toPlainString());
    }
  }

  /**
   * Since a new model, agent version or price, a model call costs more. Measure, in thousandths:
   * cost of a call since, over cost of a call before.
   *
   * @param leastCalls so many calls since the change are waited for
   */
  record CostShift(int leastCalls) implements AgentRule {
    @Override
    public String type() {
      return "cost-shift";
    }

    @Override
    public Scale scale() {
      return Scale.FACTOR;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("least_calls", leastCalls);
    }
  }

  /** How sure a bound is: the part of a normal distribution that lies under it. */
  enum Confidence {
    P90("90%", 1312),
    P95("95%", 1684),
    P99("99%", 2382),
    P999("99.9%", 3164);

    private final String written;
    private final int deviations;

    Confidence(String written, int deviations) {
      this.written = written;
      this.deviations = deviations;
    }

    /** As people write it. */
    public String written() {
      return written;
    }

    /** The bound over the mean, in 1024ths of a standard deviation. */
    public int deviations() {
      return deviations;
    }
  }
}
