package io.fuseline.stream.topology;

import io.fuseline.enrichment.outcome.CheckedOutcome;

/**
 * An outcome that may be counted.
 *
 * @param bytes the record's, to be sent to where its root run is
 */
record OutcomeArrival(CheckedOutcome.Accepted outcome, byte[] bytes) implements RunInput {}
