package io.fuseline.alerting.sink;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Addresses of destinations. Messages never hold the address itself: its path may be a secret. */
final class Urls {
  private Urls() {}

  /**
   * An http or https address with a host, without user and password.
   *
   * @throws IllegalArgumentException with what is wrong and what was expected
   */
  static URI parse(String written) {
    URI url;
    try {
      url = new URI(written.strip());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "address is malformed at character "
              + e.getIndex()
              + " ("
              + e.getReason()
              + "), expected such as https://hooks.example.com/fuseline",
          e);
    }
    var scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "address has the scheme '" + scheme + "', expected http:// or https://");
    }
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          "address has no host, expected such as https://hooks.example.com/fuseline");
    }
    if (url.getUserInfo() != null) {
      throw new IllegalArgumentException("address holds a user or password; leave them out");
    }
    return url;
  }

  /** Scheme, host and port, for messages. */
  static String shown(URI url) {
    return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
  }

  /** The address with a path below it; one slash between them. */
  static URI below(URI url, String path) {
    var base = url.toString();
    return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
  }
}
