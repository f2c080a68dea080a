package io.fuseline.deploy.simulate;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Thinks and acts in turn, and ends with an answer. Now and then a call fails, or is made once more
 * with the same arguments, as sound agents do.
 */
final class HealthyWork implements Iterator<Step> {
  private static final Range LENGTH = new Range(5, 40);

  private final Agent agent;
  private final SplittableRandom random;
  private final Steps steps;
  private final int length;
  private int done;
  private Step.ToolCall repeatable;

  HealthyWork(Agent agent, SplittableRandom random, int length) {
    this.agent = agent;
    this.random = random;
    this.length = length;
    this.steps = new Steps(agent, random);
  }

  static HealthyWork ofUsualLength(Agent agent, SplittableRandom random) {
    // The smaller of two draws: short runs are more frequent than long ones.
    return new HealthyWork(agent, random, Math.min(LENGTH.draw(random), LENGTH.draw(random)));
  }

  @Override
  public boolean hasNext() {
    return done < length;
  }

  @Override
  public Step next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    done++;
    if (done == 1) {
      return steps.modelCall("plan");
    }
    if (done == length) {
      return steps.modelCall("answer");
    }
    return done % 2 == 0 ? act() : steps.modelCall("think");
  }

  private Step act() {
    if (repeatable != null && random.nextInt(20) == 0) {
      Step.ToolCall again = repeatable;
      repeatable = null; // once, or it would be a loop
      return steps.toolCall(again.tool(), again.argumentHash(), again.resultHash(), null);
    }
    Agent.Tool tool = agent.tools().get(random.nextInt(agent.tools().size()));
    boolean fails = random.nextInt(40) == 0;
    Step step =
        steps.toolCall(tool, random.nextLong(), random.nextLong(), fails ? "timeout" : null);
    repeatable = fails ? null : (Step.ToolCall) step.work();
    return step;
  }
}
