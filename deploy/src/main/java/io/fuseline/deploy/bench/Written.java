package io.fuseline.deploy.bench;

/** What a rung leaves on the broker and on its own disk, per span. */
enum Written {
  /**
   * Records an application hands to itself through internal topics, markers of commits included.
   */
  REPARTITION_RECORDS,
  /** Bytes of those, compressed, as stored. */
  REPARTITION_BYTES,
  /** Bytes of the copies of its state stores. */
  CHANGELOG_BYTES,
  /** Bytes on its output topics. */
  OUTPUT_BYTES,
  /** Bytes of local state on disk at the end, by all spans that were read. */
  STATE_BYTES
}
