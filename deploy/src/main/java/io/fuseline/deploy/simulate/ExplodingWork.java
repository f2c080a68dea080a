package io.fuseline.deploy.simulate;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/** Plans once, then makes some twenty calls a second of its one tool, each with new arguments. */
final class ExplodingWork implements Iterator<Step> {
  private final Agent agent;
  private final SplittableRandom random;
  private final Steps steps;
  private int done;

  ExplodingWork(Agent agent, SplittableRandom random) {
    this.agent = agent;
    this.random = random;
    this.steps = new Steps(agent, random);
  }

  @Override
  public boolean hasNext() {
    return done < LoopingWork.MOST_STEPS;
  }

  @Override
  public Step next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return done++ == 0
        ? steps.modelCall("plan")
        : steps.toolCall(agent.tools().get(0), random.nextLong(), random.nextLong(), null);
  }
}
