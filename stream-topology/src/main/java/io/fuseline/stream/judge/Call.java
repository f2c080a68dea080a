package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Subject;

/**
 * A call that an agent is about to make.
 *
 * @param subject who makes it, with the tool or model that it calls
 * @param runId run that makes it; the root run's id for the root run
 * @param estimatePico what it is thought to cost, pico-units, 0 or more
 * @param actionValuePico declared value of the action, pico-units; 0 for none
 */
public record Call(
    Subject subject, String rootRunId, String runId, long estimatePico, long actionValuePico) {}
