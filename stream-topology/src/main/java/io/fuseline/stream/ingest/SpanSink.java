package io.fuseline.stream.ingest;

/** Where what came in is kept for the topology. */
public interface SpanSink {

  /**
   * Keeps the accepted spans and outcomes, each under its root run, and rejected spans as dead
   * letters. Returns when all are kept: they survive the loss of this process.
   *
   * @throws NotKeptException when not all of them could be kept now. Some may have been; sending
   *     all again does no harm, since the topology knows spans and outcomes by their ids.
   */
  void keep(Intake intake) throws NotKeptException;
}
