package io.fuseline.stream.admission;

/** What becomes of a call, from the mildest to the strictest. */
public enum Decision {
  ALLOW,
  /** It may be made within the caps. */
  THROTTLE,
  /** A person must agree first. */
  NEEDS_APPROVAL,
  /**
   * It may not be made: a budget would be reached, or its run, agent and so on was told to stop.
   */
  DENY,
  /** No lease can be given while the pipeline does not see what is spent. */
  BLIND
}
