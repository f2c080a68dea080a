package io.fuseline.alerting.sink;

/** What a sink has done since it started. All numbers only rise. */
public interface SinkCounters {

  /** Events delivered to every target. */
  long delivered();

  /** Attempts that failed and were followed by another. */
  long retried();

  /** Events given up on, or records that could not be read; each stands in the dead letters. */
  long failed();

  /** Commands that came again and were not delivered again. */
  long duplicates();
}
