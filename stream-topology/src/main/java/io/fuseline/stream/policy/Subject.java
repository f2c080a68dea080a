package io.fuseline.stream.policy;

/**
 * What a policy selects on. {@code tenant} and {@code agent} are never null; the others are null
 * when the span did not say.
 */
public record Subject(
    String tenant,
    String agent,
    String role,
    String team,
    String project,
    String workflow,
    String costCentre,
    String environment) {}
