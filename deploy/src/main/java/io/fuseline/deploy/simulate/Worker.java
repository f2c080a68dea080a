package io.fuseline.deploy.simulate;

import java.util.Iterator;

/**
 * An agent at work on one run.
 *
 * @param steps what it does, in turn; may have no end
 */
record Worker(Agent agent, Iterator<Step> steps) {}
