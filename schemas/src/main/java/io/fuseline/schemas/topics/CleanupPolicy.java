package io.fuseline.schemas.topics;

/** How a topic forgets. */
public enum CleanupPolicy {
  /** Records go when they are older than the retention. */
  DELETE("delete"),
  /** The newest record of each key stays for ever; a null value removes the key. */
  COMPACT("compact"),
  /** Only the newest record of each key stays, and goes when it is older than the retention. */
  COMPACT_AND_DELETE("compact,delete");

  private final String config;

  CleanupPolicy(String config) {
    this.config = config;
  }

  /** The value of Kafka's topic setting {@code cleanup.policy}. */
  public String config() {
    return config;
  }
}
