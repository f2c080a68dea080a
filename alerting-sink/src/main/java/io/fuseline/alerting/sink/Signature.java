package io.fuseline.alerting.sink;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs webhook bodies: {@code t=<epoch seconds>,v1=<hex>}, where v1 is the HMAC-SHA256 of {@code
 * <t>.<raw body>} under the shared secret (UTF-8). The time is signed too, so that a receiver can
 * refuse what is old.
 */
final class Signature {
  static final String HEADER = "Fuseline-Signature";
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  Signature(String secret) {
    key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /** Value of {@link #HEADER}. */
  String of(byte[] body, Instant sentAt) {
    var time = Long.toString(sentAt.getEpochSecond());
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((time + ".").getBytes(StandardCharsets.US_ASCII));
      return "t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is part of every Java runtime", e);
    }
  }
}
