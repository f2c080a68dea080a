package io.fuseline.alerting.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

/** The next call must not be made: what stands against it is told as far as it is known. */
public final class AdmissionDenied extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a call is denied. */
  public enum Why {
    /** A budget would be reached. */
    BUDGET,
    /** The pipeline knows of a command that stops the run; it may not have come here yet. */
    STOPPED,
    /** A person had to approve, and did not in time. */
    NOT_APPROVED,
    /** Nobody has said whether it may be made. */
    NO_ANSWER
  }

  /**
   * What stands against a call; each null when it is not known.
   *
   * @param scopeType kind of scope, such as RUN or TEAM
   * @param scope id of the run, team and so on
   * @param policyId policy that decides
   * @param spend what counts as spent in the policy's window
   * @param limit where it stops
   * @param unit of both: an ISO 4217 currency, or what is counted
   * @param reset when the window ends
   * @param commandId command that stops it
   * @param retryAfter when asking again may help, because others may give leases back
   */
  record Against(
      String scopeType,
      String scope,
      String policyId,
      BigDecimal spend,
      BigDecimal limit,
      String unit,
      Instant reset,
      String commandId,
      Duration retryAfter) {
    static final Against UNKNOWN =
        new Against(null, null, null, null, null, null, null, null, null);
  }

  private final Why why;
  private final transient Against against;

  AdmissionDenied(Why why, String message, Against against) {
    super(message);
    this.why = why;
    this.against = against;
  }

  public Why why() {
    return why;
  }

  /** Kind of what the budget is for, such as {@code RUN}; null when it is not known. */
  public String scopeType() {
    return against().scopeType();
  }

  /** Id of the run, agent, team and so on; null when it is not known. */
  public String scope() {
    return against().scope();
  }

  /** Policy that decides; null when it is not known. */
  public String policyId() {
    return against().policyId();
  }

  /** What counts as spent in the policy's window; null when no budget stands against it. */
  public BigDecimal spend() {
    return against().spend();
  }

  /** Where it stops; null when no budget stands against it. */
  public BigDecimal limit() {
    return against().limit();
  }

  /** Of spend and limit: an ISO 4217 currency, or what is counted; null without them. */
  public String unit() {
    return against().unit();
  }

  /** When the budget starts anew; null when it does not, as for a run. */
  public Instant reset() {
    return against().reset();
  }

  /** Command that stops the run; null when none is the cause. */
  public String commandId() {
    return against().commandId();
  }

  /** When asking again may help; null when it is not known, or will not. */
  public Duration retryAfter() {
    return against().retryAfter();
  }

  private Against against() {
    return against == null ? Against.UNKNOWN : against; // after deserialization
  }
}
