package io.fuseline.alerting.client;

import io.fuseline.schemas.Caps;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What may be spent without asking, and what was. No network, no clock, no threads: the caller
 * guards it and says what time it is.
 *
 * <p>Each cent is handed out once: {@link #take} takes the estimate off what remains, {@link
 * #settle} puts the actual cost in its place. What calls that are still under way will cost counts
 * as used, so that a lease that is given back early gives back nothing that is being spent.
 */
final class LeaseAccount {
  private String leaseId;
  private BigDecimal remaining = BigDecimal.ZERO;
  private long goodUntilNanos;
  private Optional<Caps> caps = Optional.empty();

  /** Spent, or being spent, and not told yet. Below zero: more was told than was spent. */
  private BigDecimal used = BigDecimal.ZERO;

  /** Counts the leases, so that a call knows whether its own still holds. */
  private long generation;

  /** A lease as it was granted; good until a time of {@link System#nanoTime}. */
  record Lease(String id, BigDecimal amount, long goodUntilNanos, Optional<Caps> caps) {}

  /** What the pipeline is told: the lease that ends, and what was spent under it. */
  record Back(String leaseId, BigDecimal used) {}

  /** A call under way. */
  static final class Taken {
    private final BigDecimal estimate;
    private final Optional<Caps> caps;
    private final long generation;
    private boolean settled;

    private Taken(BigDecimal estimate, Optional<Caps> caps, long generation) {
      this.estimate = estimate;
      this.caps = caps;
      this.generation = generation;
    }

    /** Limits that came with the lease. */
    Optional<Caps> caps() {
      return caps;
    }
  }

  /** Empty when the lease is too short, over, or being given back. */
  Optional<Taken> take(BigDecimal estimate, long nowNanos) {
    var holds =
        leaseId != null && nowNanos - goodUntilNanos < 0 && remaining.compareTo(estimate) >= 0;
    return holds ? Optional.of(take(estimate)) : Optional.empty();
  }

  private Taken take(BigDecimal estimate) {
    remaining = remaining.subtract(estimate);
    used = used.add(estimate);
    return new Taken(estimate, caps, generation);
  }

  /** Puts what a call has cost in the place of its estimate; only the first time counts. */
  void settle(Taken call, BigDecimal actual) {
    if (call.settled) {
      return;
    }
    call.settled = true;
    var more = actual.subtract(call.estimate);
    used = used.add(more);
    // What an earlier lease has left over went back with it; what it lacked comes out of this one.
    if (more.signum() > 0 || call.generation == generation) {
      remaining = remaining.subtract(more);
    }
  }

  /**
   * What to tell the pipeline; empty without a lease. From now on nothing is taken from it: the
   * pipeline may give the rest to others. It is told again until {@link #told}.
   */
  Optional<Back> giveBack() {
    remaining = BigDecimal.ZERO;
    return Optional.ofNullable(leaseId).map(id -> new Back(id, used.max(BigDecimal.ZERO)));
  }

  /** The pipeline has heard it. */
  void told(Back back) {
    leaseId = null;
    used = used.subtract(back.used());
  }

  /** Starts with a lease, and the call it was asked for, which was allowed whatever its size. */
  Taken open(Lease lease, BigDecimal estimate) {
    generation++;
    leaseId = lease.id();
    remaining = lease.amount();
    goodUntilNanos = lease.goodUntilNanos();
    caps = lease.caps();
    return take(estimate);
  }
}
