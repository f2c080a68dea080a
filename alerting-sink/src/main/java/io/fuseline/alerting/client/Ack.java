package io.fuseline.alerting.client;

import io.fuseline.schemas.AckResult;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * A handler's answer to one command; it becomes a {@code CommandAck} on the topic.
 *
 * @param result what the runtime did
 * @param message more for a person, such as why it was refused; null for nothing to add
 * @param spendAtStop spend of the run as the runtime knows it, kept with 12 decimals, rounded
 *     half-even; null when unknown
 * @param currency ISO 4217 currency of {@code spendAtStop}
 */
public record Ack(AckResult result, String message, BigDecimal spendAtStop, String currency) {

  /** Decimals of money in the schemas. */
  private static final int MONEY_SCALE = 12;

  public Ack {
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(currency, "currency");
    if (spendAtStop != null) {
      spendAtStop = spendAtStop.setScale(MONEY_SCALE, RoundingMode.HALF_EVEN);
    }
  }

  /** The work has ended (KILL) or rests (PAUSE). */
  public static Ack stopped() {
    return new Ack(AckResult.STOPPED, null, null, "USD");
  }

  /** The work has ended or rests, and this is what it had spent by then. */
  public static Ack stopped(BigDecimal spend, String currency) {
    return new Ack(AckResult.STOPPED, null, Objects.requireNonNull(spend, "spend"), currency);
  }

  /** Caps are set, or lifted. */
  public static Ack applied() {
    return new Ack(AckResult.APPLIED, null, null, "USD");
  }

  /** Some of it was done; the message says what was not. */
  public static Ack partial(String message) {
    return new Ack(AckResult.PARTIAL, message, null, "USD");
  }

  /** Nothing was done; the message says why. */
  public static Ack refused(String message) {
    return new Ack(AckResult.REFUSED, message, null, "USD");
  }

  /** This runtime owns the agent, but has no such run. */
  static Ack unknownTarget(String message) {
    return new Ack(AckResult.UNKNOWN_TARGET, message, null, "USD");
  }
}
