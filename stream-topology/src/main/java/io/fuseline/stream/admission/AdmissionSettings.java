package io.fuseline.stream.admission;

import java.time.Duration;

/**
 * How much is promised, and for how long.
 *
 * @param leaseTtl how long a lease may be spent from. Long: fewer questions; short: less is spent
 *     unseen when a pipeline dies
 * @param leasePercent most of the headroom that is given out as leases at once, 1 to 100, shared by
 *     those who hold one
 * @param reserve how long a plain question holds what its call is thought to cost
 * @param settle how long after the end of a lease its spend may still be on its way into the state:
 *     the holder's clock, spans that wait to be sent, the lag that is not yet called blind
 */
public record AdmissionSettings(
    Duration leaseTtl, int leasePercent, Duration reserve, Duration settle) {

  /**
   * @throws IllegalArgumentException naming what is out of range
   */
  public AdmissionSettings {
    if (leasePercent < 1 || leasePercent > 100) {
      throw new IllegalArgumentException(
          "The share of leases is " + leasePercent + "; give 1 to 100 percent.");
    }
    if (leaseTtl.isNegative() || leaseTtl.isZero() || reserve.isNegative() || settle.isNegative()) {
      throw new IllegalArgumentException("Leases, reserves and their settling need times over 0.");
    }
  }

  public static AdmissionSettings defaults() {
    return new AdmissionSettings(
        Duration.ofSeconds(5), 50, Duration.ofSeconds(10), Duration.ofSeconds(15));
  }

  long leaseTtlMicros() {
    return micros(leaseTtl);
  }

  long reserveMicros() {
    return micros(reserve);
  }

  long settleMicros() {
    return micros(settle);
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1000;
  }
}
