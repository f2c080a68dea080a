package io.fuseline.stream.policy;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.PolicyMode;
import io.fuseline.schemas.Severity;
import java.util.List;

/** Policies that always hold. They send no command, and their ids are not for other policies. */
public final class BuiltInPolicies {
  /**
   * Tells once when a model or tool is first used without a price; its episode closes when all of
   * that use has come to be priced.
   */
  public static final Policy UNPRICED =
      new Policy(
          "unpriced",
          "1",
          "A model or tool has no price.",
          PolicyMode.WARN,
          Selector.everyone(),
          new Rule.Unpriced(),
          List.of(new Rung("1", 1, null, Action.ALERT, Severity.WARNING, null)));

  private BuiltInPolicies() {}

  /** True for an id that a policy file cannot use. */
  public static boolean isReserved(String policyId) {
    return UNPRICED.id().equals(policyId);
  }
}
