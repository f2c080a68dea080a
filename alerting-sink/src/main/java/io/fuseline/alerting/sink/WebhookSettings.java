package io.fuseline.alerting.sink;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;

/**
 * A webhook that events are posted to.
 *
 * @param url http or https, with a host, without user and password
 * @param secret shared with the receiver, who checks the signature with it; 16 characters or more
 * @param timeout how long one attempt may take, connecting included
 * @param retry how failed attempts are tried again
 */
public record WebhookSettings(URI url, String secret, Duration timeout, RetryPolicy retry) {
  private static final int MIN_SECRET_LENGTH = 16;

  public WebhookSettings {
    var scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "Webhook address has the scheme '" + scheme + "', expected http:// or https://");
    }
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          "Webhook address has no host, expected such as https://hooks.example.com/fuseline");
    }
    if (url.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "Webhook address holds a user or password; leave them out, requests are signed with the secret");
    }
    if (secret == null || secret.length() < MIN_SECRET_LENGTH) {
      throw new IllegalArgumentException(
          "Webhook secret is too short, expected "
              + MIN_SECRET_LENGTH
              + " characters or more, such as the output of: openssl rand -hex 32");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("Webhook timeout is " + timeout + ", expected above zero");
    }
  }

  /**
   * @throws IllegalArgumentException if it is no address at all
   */
  static URI parse(String url) {
    try {
      return new URI(url.strip());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "Webhook address is malformed at character "
              + e.getIndex()
              + " ("
              + e.getReason()
              + "), expected such as https://hooks.example.com/fuseline",
          e);
    }
  }

  /** Without the secret, nor the query, where receivers put tokens. */
  @Override
  public String toString() {
    return "webhook " + url.getScheme() + "://" + url.getHost() + port();
  }

  private String port() {
    return url.getPort() < 0 ? "" : ":" + url.getPort();
  }
}
