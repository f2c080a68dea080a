package io.fuseline.stream.ingest;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.span.CheckedSpan;
import java.util.List;

/**
 * What a batch came to.
 *
 * @param accepted spans that can be booked, in the order of the batch
 * @param rejected spans that cannot; kept as dead letters, so that nothing is lost
 * @param ignored spans and events that are no work of an agent
 * @param outcomes outcomes that can be counted, in the order of the batch
 */
public record Intake(
    List<CheckedSpan.Accepted> accepted,
    List<RejectedSpan> rejected,
    int ignored,
    List<CheckedOutcome.Accepted> outcomes) {
  /** Copies the lists. */
  public Intake {
    accepted = List.copyOf(accepted);
    rejected = List.copyOf(rejected);
    outcomes = List.copyOf(outcomes);
  }

  /** What a batch of spans came to. */
  public Intake(List<CheckedSpan.Accepted> accepted, List<RejectedSpan> rejected, int ignored) {
    this(accepted, rejected, ignored, List.of());
  }

  /** How many spans, events or outcomes the batch had. */
  public int received() {
    return accepted.size() + rejected.size() + ignored + outcomes.size();
  }
}
