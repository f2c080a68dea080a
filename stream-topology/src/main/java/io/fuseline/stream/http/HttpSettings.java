package io.fuseline.stream.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Where and how the server listens.
 *
 * @param host address to bind. There is no authentication, so the default is the loopback address;
 *     bind wider only behind something that authenticates.
 * @param port 0 to 65535; 0 takes any free port
 * @param trustedHosts names that a request may carry in its {@code Host} header besides the
 *     loopback names, for a reverse proxy in front of a server on the loopback address. Other names
 *     are refused there, since a web page of a foreign site could otherwise reach us under a name
 *     of its own (DNS rebinding). Not used when bound wider.
 * @param patience how long a query is retried while partitions move, 0 to 60 s
 */
public record HttpSettings(String host, int port, Set<String> trustedHosts, Duration patience) {
  /** The address that only programs on the same machine reach. */
  public static final String LOOPBACK = "127.0.0.1";

  /**
   * A rebalance with standbys takes one to a few seconds; longer waits are better spent by the
   * caller.
   */
  public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(5);

  private static final Duration MOST_PATIENCE = Duration.ofSeconds(60);

  /**
   * @throws IllegalArgumentException naming the setting that is out of range
   */
  public HttpSettings {
    if (host == null || host.isBlank()) {
      throw new IllegalArgumentException(
          "http host is empty; give an address or name to bind, such as " + LOOPBACK);
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "http port is " + port + "; give 0 (any free port) to 65535");
    }
    if (patience.isNegative() || patience.compareTo(MOST_PATIENCE) > 0) {
      throw new IllegalArgumentException(
          "http patience is " + patience + "; give PT0S to " + MOST_PATIENCE);
    }
    trustedHosts = Set.copyOf(trustedHosts);
  }

  /** On the loopback address. */
  public static HttpSettings onLoopback(int port) {
    return new HttpSettings(LOOPBACK, port, Set.of(), DEFAULT_PATIENCE);
  }

  /**
   * True when a request that carries {@code hostHeader} is meant for this server; null is a missing
   * header.
   */
  boolean accepts(String hostHeader) {
    if (!isLoopback(host)) {
      return true;
    }
    if (hostHeader == null) {
      return false;
    }
    String name = withoutPort(hostHeader).toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals(LOOPBACK)
        || name.equals("[::1]")
        || name.equalsIgnoreCase(host)
        || trustedHosts.contains(name);
  }

  private static String withoutPort(String hostHeader) {
    int colon = hostHeader.lastIndexOf(':');
    return colon > hostHeader.lastIndexOf(']') ? hostHeader.substring(0, colon) : hostHeader;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "http host '" + host + "' cannot be resolved; give an address to bind", e);
    }
  }
}
