package io.fuseline.stream.ingest;

import io.fuseline.enrichment.span.CheckedSpan;
import java.util.List;

/**
 * What a batch came to.
 *
 * @param accepted spans that can be booked, in the order of the batch
 * @param rejected spans that cannot; kept as dead letters, so that nothing is lost
 * @param ignored spans and events that are no work of an agent
 */
public record Intake(
    List<CheckedSpan.Accepted> accepted, List<RejectedSpan> rejected, int ignored) {
  /** Copies the lists. */
  public Intake {
    accepted = List.copyOf(accepted);
    rejected = List.copyOf(rejected);
  }

  /** How many spans or events the batch had. */
  public int received() {
    return accepted.size() + rejected.size() + ignored;
  }
}
