package io.fuseline.deploy.replay;

import io.fuseline.enrichment.outcome.CheckedOutcome;

/**
 * An outcome of the past.
 *
 * @param line line of the file it stands on, from 1
 */
public record PastOutcome(long line, CheckedOutcome.Accepted outcome) {}
