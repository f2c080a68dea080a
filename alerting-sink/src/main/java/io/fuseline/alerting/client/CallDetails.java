package io.fuseline.alerting.client;

import java.math.BigDecimal;

/**
 * What a call is, for budgets and rules about tools, models and values; each null when it does not
 * matter.
 *
 * @param runId run that calls, when it is not the root run
 * @param tool tool called
 * @param model model called
 * @param actionValue declared value of the action, as for approvals above 10,000; such a call is
 *     always asked for by itself
 */
public record CallDetails(String runId, String tool, String model, BigDecimal actionValue) {
  /** Nothing is known. */
  public static final CallDetails NONE = new CallDetails(null, null, null, null);

  public static CallDetails ofTool(String tool) {
    return new CallDetails(null, tool, null, null);
  }

  public static CallDetails ofModel(String model) {
    return new CallDetails(null, null, model, null);
  }

  /** The same by a run below the root run. */
  public CallDetails by(String run) {
    return new CallDetails(run, tool, model, actionValue);
  }

  /** The same for an action of that value, in the pipeline's currency. */
  public CallDetails worth(BigDecimal value) {
    return new CallDetails(runId, tool, model, value);
  }
}
