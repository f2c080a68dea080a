package io.fuseline.alerting.client;

import io.fuseline.schemas.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Settings of a {@link KillSwitch}; made by {@link #builder}, where the defaults stand.
 *
 * @param bootstrapServers Kafka brokers, as {@code host:port[,host:port…]}
 * @param registryUrl schema registry, such as {@code http://localhost:8081}
 * @param clientProperties further settings of the Kafka clients and the registry client, such as
 *     {@code security.protocol} or {@code basic.auth.user.info}
 * @param tenant only this tenant's commands are obeyed
 * @param runtime who answers, such as host, process or pod; it stands in every acknowledgement
 * @param topics names of the topics; commands are read and acknowledgements written
 * @param lookBack how far back commands are read at start, to know who is killed or paused already
 * @param horizon how long a target is remembered after its last command when nobody watches it; at
 *     least {@code lookBack}
 * @param startTimeout how long {@link KillSwitch#open} waits until all earlier commands are read
 * @param pauseTimeout how long {@link KillSwitch#checkpoint} waits for a RESTORE before the run is
 *     given up
 * @param handlerThreads how many handlers may run at once, 1 or more; each watch uses one at most
 * @param admission how {@link KillSwitch#guard} asks before runs spend; null: it is not used
 */
public record KillSwitchSettings(
    String bootstrapServers,
    String registryUrl,
    Map<String, String> clientProperties,
    String tenant,
    String runtime,
    Topics topics,
    Duration lookBack,
    Duration horizon,
    Duration startTimeout,
    Duration pauseTimeout,
    int handlerThreads,
    AdmissionSettings admission) {

  /** Tenant of records that name none. */
  private static final String DEFAULT_TENANT = "default";

  public KillSwitchSettings {
    requireText(bootstrapServers, "bootstrapServers", "host:port of a Kafka broker");
    requireText(registryUrl, "registryUrl", "address of the schema registry");
    requireText(runtime, "runtime", "a name for this process");
    Objects.requireNonNull(topics, "topics");
    clientProperties = Map.copyOf(clientProperties);
    tenant = tenantOrDefault(tenant);
    requirePositive(lookBack, "lookBack");
    requirePositive(startTimeout, "startTimeout");
    requirePositive(pauseTimeout, "pauseTimeout");
    if (horizon.compareTo(lookBack) < 0) {
      throw new IllegalArgumentException(
          "horizon is "
              + horizon
              + ", expected at least lookBack ("
              + lookBack
              + "), or commands read at start would be forgotten at once");
    }
    if (handlerThreads < 1) {
      throw new IllegalArgumentException(
          "handlerThreads is " + handlerThreads + ", expected 1 or more");
    }
  }

  /**
   * Settings with defaults for all but the addresses.
   *
   * @param bootstrapServers Kafka brokers, as {@code host:port[,host:port…]}
   * @param registryUrl schema registry, such as {@code http://localhost:8081}
   */
  public static Builder builder(String bootstrapServers, String registryUrl) {
    return new Builder(bootstrapServers, registryUrl);
  }

  static String tenantOrDefault(String tenant) {
    return tenant == null || tenant.isEmpty() ? DEFAULT_TENANT : tenant;
  }

  /** Host and process, as far as they can be told. */
  static String thisProcess() {
    var host = System.getenv().getOrDefault("HOSTNAME", "localhost");
    return host + "/" + ProcessHandle.current().pid();
  }

  private static void requireText(String value, String name, String expected) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is empty, expected " + expected);
    }
  }

  private static void requirePositive(Duration value, String name) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", expected more than zero");
    }
  }

  /** Collects settings; each setter's parameter is told at {@link KillSwitchSettings}. */
  public static final class Builder {
    private final String bootstrapServers;
    private final String registryUrl;
    private Map<String, String> clientProperties = Map.of();
    private String tenant = DEFAULT_TENANT;
    private String runtime = thisProcess();
    private Topics topics = Topics.defaults();
    // Longer than any cool-down of the presets, so that a run which starts within one still sees
    // it.
    private Duration lookBack = Duration.ofHours(1);
    private Duration horizon = Duration.ofHours(24);
    private Duration startTimeout = Duration.ofSeconds(30);
    private Duration pauseTimeout = Duration.ofHours(1);
    // A thread is only there while its handler runs.
    private int handlerThreads = 32;
    private AdmissionSettings admission;

    private Builder(String bootstrapServers, String registryUrl) {
      this.bootstrapServers = bootstrapServers;
      this.registryUrl = registryUrl;
    }

    public Builder clientProperties(Map<String, String> value) {
      clientProperties = Objects.requireNonNull(value);
      return this;
    }

    public Builder tenant(String value) {
      tenant = value;
      return this;
    }

    public Builder runtime(String value) {
      runtime = value;
      return this;
    }

    public Builder topics(Topics value) {
      topics = value;
      return this;
    }

    public Builder lookBack(Duration value) {
      lookBack = value;
      return this;
    }

    public Builder horizon(Duration value) {
      horizon = value;
      return this;
    }

    public Builder startTimeout(Duration value) {
      startTimeout = value;
      return this;
    }

    public Builder pauseTimeout(Duration value) {
      pauseTimeout = value;
      return this;
    }

    public Builder handlerThreads(int value) {
      handlerThreads = value;
      return this;
    }

    public Builder admission(AdmissionSettings value) {
      admission = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a setting is empty or out of range
     */
    public KillSwitchSettings build() {
      return new KillSwitchSettings(
          bootstrapServers,
          registryUrl,
          clientProperties,
          tenant,
          runtime,
          topics,
          lookBack,
          horizon,
          startTimeout,
          pauseTimeout,
          handlerThreads,
          admission);
    }
  }
}
