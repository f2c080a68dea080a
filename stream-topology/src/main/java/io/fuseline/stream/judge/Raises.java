package io.fuseline.stream.judge;

import io.fuseline.schemas.DecisionType;
import io.fuseline.schemas.TargetType;
import java.util.List;

/** Temporary raises of caps, and what else people have decided about targets. */
@FunctionalInterface
public interface Raises {
  /**
   * Raises that hold for a target at an instant, oldest first. Several add up.
   *
   * @param policyId policy whose cap is asked for
   * @param nowMicros wall clock, epoch microseconds
   */
  List<Raise> of(String policyId, TargetType type, String tenant, String target, long nowMicros);

  /**
   * One raise.
   *
   * @param amountPico by how much, pico-units
   * @param decidedMicros when it was decided, epoch microseconds, UTC
   * @param untilMicros when it ends by itself, epoch microseconds, UTC
   * @param by who decided it
   * @param why the reason given
   */
  record Raise(
      String decisionId,
      long amountPico,
      long decidedMicros,
      long untilMicros,
      String by,
      String why) {}

  /**
   * What people have said about stops of a target, oldest first.
   *
   * @param policyId policy whose stops are asked for
   */
  default List<Said> said(String policyId, TargetType type, String tenant, String target) {
    return List.of();
  }

  /**
   * One thing said.
   *
   * @param type APPROVE, DENY, RESTORE or ACKNOWLEDGE
   * @param commandId command it is about; null for the newest before it was said
   * @param decidedMicros when, epoch microseconds, UTC
   * @param by who decided it
   * @param why the reason given
   */
  record Said(
      String decisionId,
      DecisionType type,
      String commandId,
      long decidedMicros,
      String by,
      String why) {}

  /** Nobody has decided anything. */
  static Raises none() {
    return (policyId, type, tenant, target, nowMicros) -> List.of();
  }
}
