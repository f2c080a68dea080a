package io.fuseline.schemas.serde;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;

/**
 * Settings of the serde and of its registry client, under the names Confluent's own serializers
 * use, so that one client configuration serves both.
 *
 * <p>Passed through to the Confluent client untouched: every setting that starts with {@code
 * schema.registry.} ({@code schema.registry.ssl.truststore.location}, …), {@code basic.auth.}
 * ({@code basic.auth.credentials.source=USER_INFO}, {@code basic.auth.user.info=name:password}),
 * {@code bearer.auth.} ({@code bearer.auth.credentials.source=STATIC_TOKEN}, {@code
 * bearer.auth.token}), {@code http.}, {@code proxy.} or {@code missing.}.
 */
public final class RegistrySettings {
  /** Addresses of the registry, separated by commas; tried in turn. Required. */
  public static final String SCHEMA_REGISTRY_URL = "schema.registry.url";

  /**
   * True: the first write to a topic registers the schema. Default false, since in production a
   * schema is changed by a deployment ({@code fuseline topics create}), never by whoever writes
   * first.
   */
  public static final String AUTO_REGISTER_SCHEMAS = "auto.register.schemas";

  /**
   * How long an id unknown to the registry is remembered as unknown, in seconds, 0 or more. Default
   * {@value #UNKNOWN_ID_MEMORY_DEFAULT_SECONDS}: a storm of bad records costs the registry one
   * question in that time.
   */
  public static final String UNKNOWN_ID_MEMORY_SECONDS = "missing.id.cache.ttl.sec";

  /** Time to connect to the registry, in milliseconds; default 2000. */
  public static final String CONNECT_TIMEOUT_MS = "http.connect.timeout.ms";

  /** Time to wait for an answer of the registry, in milliseconds; default 5000. */
  public static final String READ_TIMEOUT_MS = "http.read.timeout.ms";

  static final long UNKNOWN_ID_MEMORY_DEFAULT_SECONDS = 5;

  private static final String NAMESPACE = "schema.registry.";
  private static final String UNKNOWN_ID_MEMORY_ENTRIES = "missing.cache.size";
  private static final List<String> PASSED_THROUGH =
      List.of(NAMESPACE, "basic.auth.", "bearer.auth.", "http.", "proxy.", "missing.");

  /**
   * The client's default of 60 s would hold a stream thread for minutes while a registry is away.
   */
  private static final int CONNECT_TIMEOUT_DEFAULT_MS = 2_000;

  private static final int READ_TIMEOUT_DEFAULT_MS = 5_000;

  private final List<String> urls;
  private final boolean autoRegister;
  private final Map<String, Object> client;

  private RegistrySettings(List<String> urls, boolean autoRegister, Map<String, Object> client) {
    this.urls = urls;
    this.autoRegister = autoRegister;
    this.client = client;
  }

  /**
   * True for the settings this class knows and for those it passes through to the registry client.
   */
  public static boolean isRegistrySetting(String name) {
    return name.equals(AUTO_REGISTER_SCHEMAS) || PASSED_THROUGH.stream().anyMatch(name::startsWith);
  }

  /**
   * @throws ConfigException when a setting is missing or has the wrong form
   */
  static RegistrySettings from(Map<String, ?> config) {
    Map<String, Object> client = new TreeMap<>();
    config.forEach(
        (name, value) -> {
          if (value != null && PASSED_THROUGH.stream().anyMatch(name::startsWith)) {
            client.put(name, value);
          }
        });
    // The client casts these three without converting, and reads two of them only without a prefix.
    client.put(
        UNKNOWN_ID_MEMORY_SECONDS,
        number(client, UNKNOWN_ID_MEMORY_SECONDS, UNKNOWN_ID_MEMORY_DEFAULT_SECONDS));
    client.put(
        UNKNOWN_ID_MEMORY_ENTRIES,
        Math.toIntExact(number(client, UNKNOWN_ID_MEMORY_ENTRIES, 10_000)));
    client.put(
        CONNECT_TIMEOUT_MS,
        Math.toIntExact(number(client, CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT_DEFAULT_MS)));
    client.put(
        READ_TIMEOUT_MS, Math.toIntExact(number(client, READ_TIMEOUT_MS, READ_TIMEOUT_DEFAULT_MS)));
    return new RegistrySettings(
        urls(config.get(SCHEMA_REGISTRY_URL)),
        flag(config.get(AUTO_REGISTER_SCHEMAS)),
        Map.copyOf(client));
  }

  List<String> urls() {
    return urls;
  }

  boolean autoRegister() {
    return autoRegister;
  }

  /** What the client is configured with; equal maps can share one client. */
  Map<String, Object> client() {
    return client;
  }

  private static List<String> urls(Object value) {
    List<String> parts =
        value instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : value == null ? List.of() : Arrays.asList(value.toString().split(","));
    List<String> urls = parts.stream().map(String::strip).filter(url -> !url.isEmpty()).toList();
    if (urls.isEmpty()) {
      throw new ConfigException(
          SCHEMA_REGISTRY_URL, value, "give the registry's address, such as http://localhost:8081");
    }
    for (String url : urls) {
      if (!url.startsWith("http://") && !url.startsWith("https://")) {
        throw new ConfigException(
            SCHEMA_REGISTRY_URL, url, "an address starts with http:// or https://");
      }
    }
    return urls;
  }

  private static boolean flag(Object value) {
    if (value == null) {
      return false;
    }
    return switch (value.toString().strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(AUTO_REGISTER_SCHEMAS, value, "expected true or false");
    };
  }

  private static long number(Map<String, Object> config, String name, long otherwise) {
    Object value = config.getOrDefault(name, config.get(NAMESPACE + name));
    config.remove(NAMESPACE + name);
    if (value == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value.toString().strip());
      if (number >= 0 && number <= Integer.MAX_VALUE) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Said below, with the range.
    }
    throw new ConfigException(name, value, "expected a whole number, 0 or more");
  }
}
