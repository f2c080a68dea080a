package io.fuseline.alerting.client;

import io.fuseline.schemas.Caps;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A call that may be made. {@link #after} says what it has cost; until then, and when that is never
 * said, its estimate counts as spent. Safe for use by many threads.
 */
public final class GuardedCall implements AutoCloseable {
  private final BigDecimal estimate;
  private final Optional<Caps> caps;
  private final Consumer<BigDecimal> settling;
  private final boolean asked;

  /**
   * @param settling takes what the call has cost; more than once, of which the first counts
   * @param asked true when somebody was asked for it, and time has passed
   */
  GuardedCall(
      BigDecimal estimate, Optional<Caps> caps, Consumer<BigDecimal> settling, boolean asked) {
    this.estimate = estimate;
    this.caps = caps;
    this.settling = settling;
    this.asked = asked;
  }

  /** Limits for this call, the tightest of all that hold; empty when there are none. */
  public Optional<Caps> caps() {
    return caps;
  }

  /** What was reserved for it. */
  public BigDecimal estimate() {
    return estimate;
  }

  /**
   * The call is over. Only the first time counts.
   *
   * @param actual what it has cost, 0 when it was not made
   * @throws IllegalArgumentException when that is negative
   */
  public void after(BigDecimal actual) {
    settling.accept(SpendGuard.money(Objects.requireNonNull(actual, "actual"), "actual"));
  }

  /** The call is over; its estimate stands when its cost was not said. */
  @Override
  public void close() {
    settling.accept(estimate);
  }

  boolean isAsked() {
    return asked;
  }

  GuardedCall within(Optional<Caps> more) {
    return new GuardedCall(estimate, SpendGuard.tightest(caps, more), settling, asked);
  }
}
