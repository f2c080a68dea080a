package io.fuseline.deploy.chaos;

/**
 * How often to kill the pipeline, and by which numbers.
 *
 * @param crashes how often it is killed with -9, 1 to {@value #MOST_CRASHES}
 * @param seed of all random numbers: when it is killed, what is spent, what comes twice and in
 *     which order. The same seed gives the same spans; when they are processed is up to the machine
 */
public record ChaosSettings(int crashes, long seed) {
  /** More would take hours. */
  public static final int MOST_CRASHES = 1_000;

  public ChaosSettings {
    if (crashes < 1 || crashes > MOST_CRASHES) {
      throw new IllegalArgumentException(
          "crashes: found %d, expected 1 to %d".formatted(crashes, MOST_CRASHES));
    }
  }
}
