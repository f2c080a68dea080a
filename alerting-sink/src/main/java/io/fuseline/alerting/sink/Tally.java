package io.fuseline.alerting.sink;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one destination, as they are counted. */
final class Tally implements SinkCounters {
  final LongAdder delivered = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder skipped = new LongAdder();
  final LongAdder duplicates = new LongAdder();
  final AtomicBoolean disabled = new AtomicBoolean();

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
  public long skipped() {
    return skipped.sum();
  }

  @Override
  public long duplicates() {
    return duplicates.sum();
  }

  @Override
  public boolean disabled() {
    return disabled.get();
  }
}
