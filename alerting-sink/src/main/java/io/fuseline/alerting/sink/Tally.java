package io.fuseline.alerting.sink;

import java.util.concurrent.atomic.LongAdder;

/** The sink's counters, as they are counted. */
final class Tally implements SinkCounters {
  final LongAdder delivered = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder duplicates = new LongAdder();

  @Override
  public long delivered() {
    return delivered.sum();
  }

  @Override
  public long retried() {
    return retried.sum();
  }

  @Override
  public long failed() {
    return failed.sum();
  }

  @Override
  public long duplicates() {
    return duplicates.sum();
  }
}
