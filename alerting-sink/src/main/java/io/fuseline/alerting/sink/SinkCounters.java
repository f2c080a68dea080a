package io.fuseline.alerting.sink;

/** What a sink has done for one destination since it started. All numbers only rise. */
public interface SinkCounters {

  /** Events delivered; a digest counts as one. */
  long delivered();

  /** Attempts that failed and were followed by another. */
  long retried();

  /** Events given up on, or records that could not be read; each stands in the dead letters. */
  long failed();

  /** Events not tried, since the destination was disabled; each stands in the dead letters. */
  long skipped();

  /** Commands that came again and were not delivered again. */
  long duplicates();

  /** Whether it is disabled now, after too many failures in a row. */
  boolean disabled();
}
