package io.fuseline.deploy.simulate;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What the fleet does. The same seed gives the same runs with the same steps, tokens and durations;
 * only commands make a run go otherwise.
 */
final class Fleet {
  private final long seed;
  private final String prefix;

  /**
   * @param prefix begins every run id, so that two simulations on one cluster do not meet
   */
  Fleet(long seed, String prefix) {
    this.seed = seed;
    this.prefix = prefix;
  }

  /** An agent that misbehaves, and how long it waits with that. */
  enum Misbehaviour {
    OVER_BUDGET(Duration.ofSeconds(1), 5),
    LOOPING(Duration.ofSeconds(3), 1),
    EXPLODING(Duration.ofSeconds(4), 1),
    DELEGATING(Duration.ofSeconds(6), 1);

    private final Duration begins;
    private final int runsAtOnce;

    Misbehaviour(Duration begins, int runsAtOnce) {
      this.begins = begins;
      this.runsAtOnce = runsAtOnce;
    }

    Duration begins() {
      return begins;
    }

    int runsAtOnce() {
      return runsAtOnce;
    }
  }

  /** How many healthy runs at once make so many spans a second. */
  static int runsAtOnce(int spansPerSecond) {
    double meanStepMillis =
        Roster.HEALTHY.stream().mapToLong(Agent::meanStepMillis).average().orElseThrow();
    return (int) Math.max(1, Math.round(spansPerSecond * meanStepMillis / 1000));
  }

  /**
   * A run that does its work in 5 to 40 steps.
   *
   * @param number 0 or more
   */
  RunPlan healthyRun(long number) {
    SplittableRandom random = random(0, number);
    Agent agent = Roster.HEALTHY.get(random.nextInt(Roster.HEALTHY.size()));
    return plan(agent, number, HealthyWork.ofUsualLength(agent, random), true);
  }

  /** A run of an agent that misbehaves. */
  RunPlan misbehavingRun(Misbehaviour kind, long number) {
    SplittableRandom random = random(1 + kind.ordinal(), number);
    return switch (kind) {
      case LOOPING -> {
        Agent agent = Roster.LOOPING;
        yield plan(agent, number, new LoopingWork(agent, random), true);
      }
      case EXPLODING -> {
        Agent agent = Roster.EXPLODING;
        yield plan(agent, number, new ExplodingWork(agent, random), false);
      }
      case DELEGATING -> {
        Agent agent = Roster.DELEGATING;
        yield plan(agent, number, new DelegatingWork(agent, Roster.DELEGATE, random), true);
      }
      case OVER_BUDGET -> {
        Agent agent = Roster.OVER_BUDGET;
        yield plan(agent, number, new HealthyWork(agent, random, 400), true);
      }
    };
  }

  /** Every agent a run can begin with. */
  static List<Agent> agents() {
    return Stream.concat(
            Roster.HEALTHY.stream(),
            Stream.of(Roster.LOOPING, Roster.EXPLODING, Roster.DELEGATING, Roster.OVER_BUDGET))
        .toList();
  }

  private RunPlan plan(Agent agent, long number, Iterator<Step> steps, boolean heedsThrottle) {
    return new RunPlan(
        "%s-%s-%04d".formatted(prefix, agent.id(), number),
        new Worker(agent, steps),
        heedsThrottle);
  }

  /** Independent of other runs, so that a run does not depend on what was played before it. */
  private SplittableRandom random(int kind, long number) {
    return new SplittableRandom(new SplittableRandom(seed * 31 + kind).nextLong() + number);
  }
}
