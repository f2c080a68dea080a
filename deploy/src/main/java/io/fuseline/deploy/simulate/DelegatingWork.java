package io.fuseline.deploy.simulate;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Thinks with a dear model, and after each of its first thoughts starts a sub-agent that does the
 * same, down to a depth.
 */
final class DelegatingWork implements Iterator<Step> {
  private static final int DEPTH = 4;
  private static final int THOUGHTS = 12;
  private static final int DELEGATIONS = 2;

  private final Agent delegate;
  private final SplittableRandom random;
  private final Steps steps;
  private final int depthLeft;
  private int done;

  DelegatingWork(Agent agent, Agent delegate, SplittableRandom random) {
    this(agent, delegate, random, DEPTH);
  }

  private DelegatingWork(Agent agent, Agent delegate, SplittableRandom random, int depthLeft) {
    this.delegate = delegate;
    this.random = random;
    this.steps = new Steps(agent, random);
    this.depthLeft = depthLeft;
  }

  @Override
  public boolean hasNext() {
    return done < THOUGHTS;
  }

  @Override
  public Step next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    boolean delegates = done < DELEGATIONS && depthLeft > 1;
    Step thought = steps.modelCall(done == 0 ? "plan" : delegates ? "delegate" : "read");
    done++;
    return delegates
        ? new Step(thought.name(), thought.work(), thought.takes(), List.of(subAgent()))
        : thought;
  }

  /** With randomness of its own: who works first does not change what is done. */
  private Worker subAgent() {
    return new Worker(
        delegate, new DelegatingWork(delegate, delegate, random.split(), depthLeft - 1));
  }
}
