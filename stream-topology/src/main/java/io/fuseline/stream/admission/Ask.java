package io.fuseline.stream.admission;

import io.fuseline.stream.judge.Call;
import io.fuseline.stream.policy.Subject;

/**
 * May this call be made? Money in pico-units.
 *
 * @param grantId new id of what is promised in the answer; the id of the lease when there is one
 * @param subject who calls, with the tool or model called
 * @param runId run that calls; the root run's id for the root run
 * @param estimate what the call is thought to cost, 0 or more
 * @param actionValue declared value of the action; 0 for none
 * @param holder who spends; null when it was not said
 * @param lease asked for, to make further calls without asking; 0 for none
 * @param returned lease that ends with this question; null for none
 * @param used what was spent since the last question: under the returned lease, else for calls the
 *     holder has asked for; {@link #UNKNOWN} when it was not said
 */
public record Ask(
    String grantId,
    Subject subject,
    String rootRunId,
    String runId,
    long estimate,
    long actionValue,
    String holder,
    long lease,
    String returned,
    long used) {
  /** It was not said what was spent. */
  public static final long UNKNOWN = -1;

  /** The call that the question is about. */
  public Call call() {
    return new Call(subject, rootRunId, runId, estimate, actionValue);
  }

  /** True when a lease is asked for. */
  public boolean wantsLease() {
    return lease > 0 && holder != null;
  }

  /** The same for a lease of at most so much. */
  public Ask withLease(long most) {
    return new Ask(
        grantId,
        subject,
        rootRunId,
        runId,
        estimate,
        actionValue,
        holder,
        Math.min(lease, most),
        returned,
        used);
  }
}
