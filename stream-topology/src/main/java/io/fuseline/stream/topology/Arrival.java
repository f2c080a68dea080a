package io.fuseline.stream.topology;

import io.fuseline.enrichment.span.CheckedSpan;

/**
 * A span that may be booked.
 *
 * @param misplaced the record's bytes when it lies in another partition than its root run's, to be
 *     sent there; else null
 */
record Arrival(CheckedSpan.Accepted span, byte[] misplaced) implements RunInput {}
