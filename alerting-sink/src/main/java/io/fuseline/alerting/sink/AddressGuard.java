package io.fuseline.alerting.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves names for the HTTP client, and lets only addresses of the public internet through, and
 * those that were allowed by name of their range. What passes is the very address the client
 * connects to: a name that answers differently a moment later (DNS rebinding) gains nothing.
 */
final class AddressGuard implements DnsResolver {
  /** Ranges nobody outside should be able to make us call (RFC 6890 and its successors). */
  private static final List<AddressRange> FORBIDDEN =
      AddressRange.parseAll(
          // This network, private, shared, loopback, link-local with the metadata services.
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.168.0.0/16",
          // Protocol assignments, documentation, benchmarks, multicast, reserved, broadcast.
          "192.0.0.0/24",
          "192.0.2.0/24",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4",
          // Azure's host agent, a metadata service on a public address.
          "168.63.129.16/32",
          // Unspecified, loopback and IPv4-compatible; unique local; link-local; multicast.
          "::/96",
          "fc00::/7",
          "fe80::/10",
          "fec0::/10",
          "ff00::/8",
          // IPv4 in disguise: translated, 6to4 and Teredo addresses lead to any of the above.
          "64:ff9b::/96",
          "64:ff9b:1::/48",
          "2001::/32",
          "2002::/16",
          "2001:db8::/32");

  /** How a name is looked up; tests answer themselves. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The name leads only to addresses that may not be called. */
  static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    ForbiddenAddressException(String message) {
      super(message);
    }
  }

  private final List<AddressRange> allowed;
  private final Lookup lookup;

  /**
   * @param allowed ranges that may be called although they are not public
   */
  AddressGuard(List<AddressRange> allowed, Lookup lookup) {
    this.allowed = List.copyOf(allowed);
    this.lookup = lookup;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    var open = new ArrayList<InetAddress>();
    var found = lookup.addresses(host);
    for (var address : found) {
      if (mayCall(address)) {
        open.add(address);
      }
    }
    if (open.isEmpty()) {
      throw new ForbiddenAddressException(
          "%s is %s, which is not a public address; if it is meant, add its range to allow_addresses"
              .formatted(host, found.length == 0 ? "nowhere" : found[0].getHostAddress()));
    }
    return open.toArray(InetAddress[]::new);
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  boolean mayCall(InetAddress address) {
    return allowed.stream().anyMatch(range -> range.contains(address))
        || FORBIDDEN.stream().noneMatch(range -> range.contains(address));
  }
}
