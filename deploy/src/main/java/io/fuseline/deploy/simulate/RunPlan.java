package io.fuseline.deploy.simulate;

/**
 * A root run that is to be played.
 *
 * @param heedsThrottle false for an agent with the fault that it answers a THROTTLE and goes on as
 *     before
 */
record RunPlan(String rootRunId, Worker worker, boolean heedsThrottle) {}
