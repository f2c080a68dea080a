package io.fuseline.deploy.simulate;

import io.fuseline.schemas.topics.Topics;
import java.util.Map;
import java.util.Objects;

/**
 * Settings of a {@link Simulation}.
 *
 * @param clients settings of Kafka clients and of the registry client, with {@code
 *     bootstrap.servers} and {@code schema.registry.url}
 * @param spansPerSecond of the healthy agents together, 1 to 5000; what misbehaves comes on top
 * @param seed the same seed plays the same runs
 */
public record SimulationSettings(
    Map<String, Object> clients, Topics topics, int spansPerSecond, long seed) {
  /** Spans a second when nobody says otherwise: lively, and little work for a laptop. */
  public static final int DEFAULT_RATE = 40;

  /** Tenant of every span of the fleet. */
  public static final String TENANT = "acme";

  /** The most a simulation can play. */
  public static final int MOST_SPANS_PER_SECOND = 5_000;

  /**
   * @throws IllegalArgumentException when the rate is out of range
   */
  public SimulationSettings {
    clients = Map.copyOf(clients);
    Objects.requireNonNull(topics, "topics");
    if (spansPerSecond < 1 || spansPerSecond > MOST_SPANS_PER_SECOND) {
      throw new IllegalArgumentException(
          "The rate is "
              + spansPerSecond
              + " spans a second, expected 1 to "
              + MOST_SPANS_PER_SECOND);
    }
  }
}
