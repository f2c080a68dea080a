package io.fuseline.deploy.cli;

import io.fuseline.deploy.setup.CompactedTopic;
import io.fuseline.schemas.Decision;
import io.fuseline.schemas.serde.RegistrySettings;
import io.fuseline.schemas.serde.RegistryUnavailableException;
import io.fuseline.schemas.topics.Topics;
import io.fuseline.stream.service.ServiceSettings;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine.Option;

/**
 * Which cluster, which registry, which topics. Options win over the file, the file over the
 * environment.
 */
final class ClusterOptions {
  /** Long enough for a busy cluster, short enough for a person who mistyped the address. */
  private static final String ANSWER_TIMEOUT_MS = "10000";

  /** Settings of Kafka and registry clients, for every command. */
  private static final String CLIENT = "client.";

  /** What the pipeline calls the same. */
  private static final String STREAM_CLIENT = "kafka.";

  private static final String SINK = "sink.";

  private static final Set<String> ADDRESSES =
      Set.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, RegistrySettings.SCHEMA_REGISTRY_URL);

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description =
          "Kafka brokers. Environment: FUSELINE_BOOTSTRAP_SERVERS. Default: 127.0.0.1:9092")
  private String bootstrapServers;

  @Option(
      names = "--registry-url",
      paramLabel = "URL",
      description =
          "Schema registry with Confluent's API. Environment: FUSELINE_REGISTRY_URL. Default: http://127.0.0.1:8081/apis/ccompat/v7")
  private String registryUrl;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Properties file: client.* for Kafka and registry clients (client.security.protocol, client.sasl.*, client.basic.auth.*), sink.* for the sink, all else for the pipeline.")
  private Path config;

  @Option(
      names = "--topics",
      paramLabel = "FILE",
      description = "JSON file with what is different from the shipped topics.")
  private Path topicsFile;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      description = "Put before each topic name, for several deployments on one cluster.")
  private String topicPrefix = "";

  /**
   * Settings for Kafka clients and the serde, with a short patience, for commands that a person
   * waits for.
   *
   * @throws RefusedInputException when the file cannot be read
   */
  Map<String, Object> clientSettings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_TIMEOUT_MS);
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "5000");
    merged()
        .forEach(
            (name, value) -> {
              if (name.startsWith(CLIENT)) {
                settings.put(name.substring(CLIENT.length()), value);
              } else if (ADDRESSES.contains(name) || RegistrySettings.isRegistrySetting(name)) {
                settings.put(name, value);
              }
            });
    return settings;
  }

  /**
   * Settings for the sink: its own, and those of clients under the prefix it wants.
   *
   * @throws RefusedInputException when the file cannot be read
   */
  Map<String, String> sinkSettings() {
    Map<String, String> settings = new HashMap<>();
    merged()
        .forEach(
            (name, value) -> {
              if (ADDRESSES.contains(name) || name.startsWith(SINK) || name.startsWith(CLIENT)) {
                settings.put(name, value);
              } else if (RegistrySettings.isRegistrySetting(name)) {
                settings.put(CLIENT + name, value);
              }
            });
    return settings;
  }

  /**
   * Settings for the pipeline: all but those of the sink, which it would refuse.
   *
   * @throws RefusedInputException when the file cannot be read
   */
  Map<String, String> streamSettings() {
    Map<String, String> settings = new HashMap<>();
    merged()
        .forEach(
            (name, value) -> {
              if (name.startsWith(CLIENT)) {
                String plain = name.substring(CLIENT.length());
                settings.put(
                    RegistrySettings.isRegistrySetting(plain) ? plain : STREAM_CLIENT + plain,
                    value);
              } else if (!name.startsWith(SINK)) {
                settings.put(name, value);
              }
            });
    if (topicsFile != null) {
      settings.put(ServiceSettings.TOPICS_FILE, topicsFile.toString());
    }
    if (!topicPrefix.isEmpty()) {
      settings.put(ServiceSettings.TOPIC_PREFIX, topicPrefix);
    }
    return settings;
  }

  /**
   * The topics of this deployment.
   *
   * @throws RefusedInputException when the file with the differences is wrong
   */
  Topics topics() {
    try {
      Topics topics = topicsFile == null ? Topics.defaults() : Topics.load(topicsFile);
      return topicPrefix.isEmpty() ? topics : topics.withPrefix(topicPrefix);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new RefusedInputException(e.getMessage(), e);
    }
  }

  /**
   * Makes sure that a broker answers.
   *
   * @throws UnreachableException when none does
   */
  void requireBroker() throws Exception {
    reaching(
        () -> {
          try (Admin admin = Admin.create(clientSettings())) {
            return admin.describeCluster().clusterId().get();
          }
        });
  }

  /**
   * Does what needs the cluster.
   *
   * @throws UnreachableException when broker or registry do not answer
   */
  <T> T reaching(Callable<T> work) throws Exception {
    try {
      return unwrapped(work);
    } catch (RegistryUnavailableException e) {
      throw new UnreachableException(e.getMessage() + " It is set with --registry-url.", e);
    } catch (TimeoutException e) {
      throw unreachable(e);
    } catch (KafkaException e) {
      // The client finds at once that no address can be resolved.
      if (e.getCause() instanceof org.apache.kafka.common.config.ConfigException) {
        throw unreachable(e);
      }
      throw e;
    }
  }

  /**
   * Writes down what somebody has decided, keyed by its target.
   *
   * @throws UnreachableException when broker or registry do not answer
   */
  void write(Decision decision) throws Exception {
    var topic = new CompactedTopic<>(topics().decisions().name(), Decision.class, clientSettings());
    reaching(
        () -> {
          topic.write(Map.of(decision.getTarget(), decision), stored -> {});
          return null;
        });
  }

  /** The admin client wraps what went wrong. */
  private static <T> T unwrapped(Callable<T> work) throws Exception {
    try {
      return work.call();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : e;
    }
  }

  private Map<String, String> merged() {
    Map<String, String> settings = new HashMap<>();
    settings.put(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        environment("FUSELINE_BOOTSTRAP_SERVERS", "127.0.0.1:9092"));
    settings.put(
        RegistrySettings.SCHEMA_REGISTRY_URL,
        environment("FUSELINE_REGISTRY_URL", "http://127.0.0.1:8081/apis/ccompat/v7"));
    if (config != null) {
      settings.putAll(read(config));
    }
    if (bootstrapServers != null) {
      settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    }
    if (registryUrl != null) {
      settings.put(RegistrySettings.SCHEMA_REGISTRY_URL, registryUrl);
    }
    return settings;
  }

  private UnreachableException unreachable(KafkaException e) {
    String servers = merged().get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    return new UnreachableException(
        "Kafka at "
            + servers
            + " does not answer: "
            + reason
            + ". Check that it runs; its address is set with --bootstrap-servers.",
        e);
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new RefusedInputException(file + ": cannot be read as a properties file: " + e, e);
    }
    Map<String, String> settings = new HashMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> settings.put(name, properties.getProperty(name)));
    return settings;
  }

  private static String environment(String variable, String otherwise) {
    String value = System.getenv(variable);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
