package io.fuseline.deploy.simulate;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * After a sound start it makes the same calls, gets the same results, and thinks after each that
 * the next will do.
 */
final class LoopingWork implements Iterator<Step> {
  /** If nobody stops it, its framework does. */
  static final int MOST_STEPS = 2_000;

  private static final int SOUND_STEPS = 4;

  private final Agent agent;
  private final SplittableRandom random;
  private final Steps steps;
  private final long[] arguments;
  private final long[] results;
  private int done;

  LoopingWork(Agent agent, SplittableRandom random) {
    this.agent = agent;
    this.random = random;
    this.steps = new Steps(agent, random);
    this.arguments = random.longs(agent.tools().size()).toArray();
    this.results = random.longs(agent.tools().size()).toArray();
  }

  @Override
  public boolean hasNext() {
    return done < MOST_STEPS;
  }

  @Override
  public Step next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int step = done++;
    if (step % 2 == 0) {
      return steps.modelCall(step == 0 ? "plan" : "think");
    }
    int call = step / 2 % agent.tools().size();
    Agent.Tool tool = agent.tools().get(call);
    return step < SOUND_STEPS
        ? steps.toolCall(tool, random.nextLong(), random.nextLong(), null)
        : steps.toolCall(tool, arguments[call], results[call], null);
  }
}
