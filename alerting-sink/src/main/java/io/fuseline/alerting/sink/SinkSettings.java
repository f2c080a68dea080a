package io.fuseline.alerting.sink;

import io.fuseline.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Settings of the sink service.
 *
 * @param bootstrapServers Kafka brokers, as {@code host:port[,host:port…]}
 * @param registryUrl schema registry, such as {@code http://localhost:8081}
 * @param clientProperties further settings of the Kafka clients and the registry client
 * @param topics names of the topics
 * @param groupId consumer groups begin with it, followed by the destination's name
 * @param routes where events go
 */
public record SinkSettings(
    String bootstrapServers,
    String registryUrl,
    Map<String, String> clientProperties,
    Topics topics,
    String groupId,
    Routes routes) {

  /** The destination that is the log. */
  static final String LOG_NAME = "log";

  /** The destination that settings by key make. */
  static final String WEBHOOK_NAME = "webhook";

  private static final String PREFIX = "sink.";
  private static final String CLIENT_PREFIX = "client.";
  private static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  private static final String REGISTRY_URL = "schema.registry.url";
  private static final String GROUP_ID = "sink.group.id";
  private static final String START_AT = "sink.start.at";
  private static final String LOG = "sink.log";

  /** Key of the path of the routes file. */
  public static final String ROUTES = "sink.routes";

  private static final String WEBHOOK_PREFIX = "sink.webhook.";
  private static final String WEBHOOK_URL = "sink.webhook.url";
  private static final String WEBHOOK_SECRET = "sink.webhook.secret";
  private static final String WEBHOOK_TIMEOUT = "sink.webhook.timeout.ms";
  private static final String WEBHOOK_ATTEMPTS = "sink.webhook.attempts";
  private static final String WEBHOOK_FIRST_DELAY = "sink.webhook.delay.first.ms";
  private static final String WEBHOOK_MAX_DELAY = "sink.webhook.delay.max.ms";
  private static final String WEBHOOK_ALLOW = "sink.webhook.allow.addresses";
  private static final Set<String> KNOWN =
      new TreeSet<>(
          Set.of(
              GROUP_ID,
              START_AT,
              LOG,
              ROUTES,
              WEBHOOK_ALLOW,
              WEBHOOK_URL,
              WEBHOOK_SECRET,
              WEBHOOK_TIMEOUT,
              WEBHOOK_ATTEMPTS,
              WEBHOOK_FIRST_DELAY,
              WEBHOOK_MAX_DELAY));

  public SinkSettings {
    Objects.requireNonNull(topics, "topics");
    clientProperties = Map.copyOf(clientProperties);
    if (routes.destinations().isEmpty()) {
      throw new IllegalArgumentException(
          "The sink has nowhere to deliver to: set "
              + ROUTES
              + " or "
              + WEBHOOK_URL
              + ", or "
              + LOG
              + "=true");
    }
  }

  /**
   * Reads settings by these keys:
   *
   * <table>
   * <caption>Keys</caption>
   * <tr><th>key</th><th>default</th><th>meaning</th></tr>
   * <tr><td>{@code bootstrap.servers}</td><td>required</td><td>Kafka brokers</td></tr>
   * <tr><td>{@code schema.registry.url}</td><td>required</td><td>schema registry</td></tr>
   * <tr><td>{@code client.*}</td><td></td><td>passed, without {@code client.}, to the Kafka clients
   *     and the registry client, such as {@code client.security.protocol}</td></tr>
   * <tr><td>{@code sink.group.id}</td><td>{@code fuseline-sink}</td><td>consumer group</td></tr>
   * <tr><td>{@code sink.start.at}</td><td>{@code earliest}</td><td>where log and
   *     webhook begin when they are new; destinations of the routes file say it themselves</td></tr>
   * <tr><td>{@code sink.log}</td><td>{@code true}</td><td>write events to the log</td></tr>
   * <tr><td>{@code sink.routes}</td><td>none</td><td>path of a routes file; excludes {@code
   *     sink.webhook.*}</td></tr>
   * <tr><td>{@code sink.webhook.url}</td><td>none</td><td>http or https address</td></tr>
   * <tr><td>{@code sink.webhook.secret}</td><td>required with the address</td><td>signing secret, 16
   *     characters or more</td></tr>
   * <tr><td>{@code sink.webhook.timeout.ms}</td><td>10000</td><td>for one attempt</td></tr>
   * <tr><td>{@code sink.webhook.attempts}</td><td>6</td><td>before an event is given up</td></tr>
   * <tr><td>{@code sink.webhook.delay.first.ms}</td><td>1000</td><td>wait before the second
   *     attempt; doubles with each further one</td></tr>
   * <tr><td>{@code sink.webhook.delay.max.ms}</td><td>16000</td><td>longest wait; a receiver may
   *     ask for up to two minutes</td></tr>
   * <tr><td>{@code sink.webhook.allow.addresses}</td><td>none</td><td>ranges that may be called
   *     although they are not public, such as {@code 10.0.0.0/8,fd00::/8}</td></tr>
   * </table>
   *
   * @param topics names of the topics
   * @throws IllegalArgumentException if a key is missing, misspelt ({@code sink.*}) or out of
   *     range; a {@link RoutesFileException} if the routes file is wrong
   */
  public static SinkSettings from(Map<String, String> config, Topics topics) {
    config.keySet().stream()
        .filter(key -> key.startsWith(PREFIX) && !KNOWN.contains(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw new IllegalArgumentException(
                  "Unknown setting " + key + ", expected one of " + KNOWN);
            });
    return new SinkSettings(
        required(config, BOOTSTRAP_SERVERS),
        required(config, REGISTRY_URL),
        clientProperties(config),
        topics,
        config.getOrDefault(GROUP_ID, "fuseline-sink"),
        routes(config));
  }

  private static Routes routes(Map<String, String> config) {
    var log = parse(config, LOG, "true", "true or false", SinkSettings::flag);
    var startAt = parse(config, START_AT, "earliest", "earliest or latest", SinkSettings::place);
    var file = config.getOrDefault(ROUTES, "");
    var routes = Routes.toAll(webhook(config, startAt).stream().toList());
    if (!file.isBlank()) {
      config.keySet().stream()
          .filter(key -> key.startsWith(WEBHOOK_PREFIX))
          .findFirst()
          .ifPresent(
              key -> {
                throw new IllegalArgumentException(
                    key
                        + " does not go with a routes file; name the webhook as a destination there");
              });
      routes = Routes.read(Path.of(file));
    }
    return log
        ? routes.and(new Destination(LOG_NAME, new LogSettings(), RetryPolicy.DEFAULT, startAt))
        : routes;
  }

  private static String place(String value) {
    if (value.equals(Destination.EARLIEST) || value.equals(Destination.LATEST)) {
      return value;
    }
    throw new IllegalArgumentException();
  }

  /** As {@link #from(Map, Topics)}. */
  public static SinkSettings from(Properties config, Topics topics) {
    var map = new HashMap<String, String>();
    config.stringPropertyNames().forEach(key -> map.put(key, config.getProperty(key)));
    return from(map, topics);
  }

  private static Optional<Destination> webhook(Map<String, String> config, String startAt) {
    var url = config.getOrDefault(WEBHOOK_URL, "");
    if (url.isBlank()) {
      return Optional.empty();
    }
    try {
      var http =
          new HttpSettings(
              millis(config, WEBHOOK_TIMEOUT, HttpSettings.DEFAULT_TIMEOUT),
              parse(config, WEBHOOK_ALLOW, "", "ranges such as 10.0.0.0/8", SinkSettings::ranges));
      var settings =
          new WebhookSettings(
              Urls.parse(url), new Secret(config.getOrDefault(WEBHOOK_SECRET, "")), http);
      var usual = RetryPolicy.DEFAULT;
      var retry =
          new RetryPolicy(
              parse(
                  config,
                  WEBHOOK_ATTEMPTS,
                  Integer.toString(usual.maxAttempts()),
                  "a whole number",
                  Integer::parseInt),
              millis(config, WEBHOOK_FIRST_DELAY, usual.firstDelay()),
              millis(config, WEBHOOK_MAX_DELAY, usual.maxDelay()));
      return Optional.of(new Destination(WEBHOOK_NAME, settings, retry, startAt));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("sink.webhook.*: " + e.getMessage(), e);
    }
  }

  private static List<AddressRange> ranges(String value) {
    return Arrays.stream(value.split(","))
        .map(String::strip)
        .filter(range -> !range.isEmpty())
        .map(AddressRange::parse)
        .toList();
  }

  private static Map<String, String> clientProperties(Map<String, String> config) {
    var properties = new HashMap<String, String>();
    config.forEach(
        (key, value) -> {
          if (key.startsWith(CLIENT_PREFIX)) {
            properties.put(key.substring(CLIENT_PREFIX.length()), value);
          }
        });
    return properties;
  }

  private static Duration millis(Map<String, String> config, String key, Duration otherwise) {
    return Duration.ofMillis(
        parse(
            config,
            key,
            Long.toString(otherwise.toMillis()),
            "a whole number of milliseconds",
            Long::parseLong));
  }

  private static boolean flag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static <T> T parse(
      Map<String, String> config,
      String key,
      String otherwise,
      String expected,
      Function<String, T> parser) {
    var value = config.getOrDefault(key, otherwise).strip();
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + " is '" + value + "', expected " + expected, e);
    }
  }

  private static String required(Map<String, String> config, String key) {
    var value = config.get(key);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("Setting " + key + " is missing");
    }
    return value;
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "SinkSettings[bootstrapServers=%s, groupId=%s, destinations=%s]"
        .formatted(bootstrapServers, groupId, routes.destinations());
  }
}
