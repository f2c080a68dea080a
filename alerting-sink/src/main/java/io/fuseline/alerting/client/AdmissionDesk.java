package io.fuseline.alerting.client;

import io.fuseline.alerting.client.LeaseAccount.Back;
import io.fuseline.alerting.client.LeaseAccount.Lease;
import io.fuseline.schemas.Caps;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** Who decides whether a call may be made. Safe for use by many threads. */
interface AdmissionDesk {

  /**
   * Asks once.
   *
   * @throws InterruptedException if the thread is interrupted while it waits; whether the question
   *     was heard is then not known
   */
  Answer ask(Question question) throws InterruptedException;

  /** Gives a lease back; false when that could not be said. */
  boolean release(Caller caller, Back back);

  /**
   * Who calls.
   *
   * @param run what it is and belongs to, under the names of the question's fields
   * @param holder who holds leases; never two guards under one name
   */
  record Caller(Run run, String holder) {}

  /** A run under the ids of its spans; each but the first three null when it is not known. */
  record Run(
      String tenant,
      String rootRunId,
      String agentId,
      String team,
      String project,
      String workflow,
      String costCentre) {}

  /**
   * May this call be made?
   *
   * @param lease asked for; empty for an answer about this one call
   * @param back lease that ends with this question
   */
  record Question(
      Caller caller,
      BigDecimal estimate,
      CallDetails details,
      Optional<BigDecimal> lease,
      Optional<Back> back) {}

  /** An answer, or why there is none. */
  sealed interface Answer {}

  /** It may be made, within the caps, and further calls from the lease. */
  record Allowed(Optional<Caps> caps, Optional<Lease> lease) implements Answer {}

  /** A person must approve first. */
  record NeedsApproval(String reason, AdmissionDenied.Against against, Duration askAgainAfter)
      implements Answer {}

  /** It may not be made. */
  record Denied(AdmissionDenied.Why why, String message, AdmissionDenied.Against against)
      implements Answer {}

  /** The pipeline does not see what is spent: it gives no leases, but answers for single calls. */
  record NoLeases() implements Answer {}

  /** Nobody has answered. */
  record Silence(String reason, Optional<Duration> askAgainAfter) implements Answer {}
}
