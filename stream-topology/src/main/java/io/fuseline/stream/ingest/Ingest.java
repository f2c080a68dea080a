package io.fuseline.stream.ingest;

import io.fuseline.stream.metrics.FuselineMetrics;
import io.fuseline.stream.metrics.IngestMetrics;
import io.fuseline.stream.metrics.IngestMetrics.Fate;
import io.fuseline.stream.metrics.IngestMetrics.Way;

/**
 * All that a way in needs.
 *
 * @param intake reads and judges batches
 * @param sink keeps what they came to
 * @param acks keeps answers to commands
 * @param settings where it listens and what it lets through
 */
public record Ingest(
    SpanIntake intake,
    SpanSink sink,
    AckSink acks,
    IngestSettings settings,
    FuselineMetrics metrics) {

  /**
   * Keeps what a batch came to, and counts it once it is kept.
   *
   * @throws NotKeptException as {@link SpanSink#keep}
   */
  public void keep(Way way, Intake intake) throws NotKeptException {
    sink.keep(intake);
    count(way, intake, metrics.ingest());
    intake.rejected().forEach(rejected -> metrics.deadLetter(rejected.reason()));
  }

  /** Counts what became of the spans or outcomes of a batch. */
  public static void count(Way way, Intake intake, IngestMetrics metrics) {
    metrics.spans(way, Fate.ACCEPTED, intake.accepted().size() + intake.outcomes().size());
    metrics.spans(way, Fate.REJECTED, intake.rejected().size());
    metrics.spans(way, Fate.IGNORED, intake.ignored());
  }
}
