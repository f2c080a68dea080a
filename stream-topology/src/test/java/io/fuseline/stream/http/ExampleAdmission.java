package io.fuseline.stream.http;

import io.fuseline.schemas.TargetType;
import io.fuseline.stream.admission.AdmissionDesk;
import io.fuseline.stream.admission.Ask;
import io.fuseline.stream.admission.CallCaps;
import io.fuseline.stream.admission.Decision;
import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.admission.Sight;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.util.List;

/** Decides by the name of the root run. */
final class ExampleAdmission implements AdmissionDesk, OwnerDesk {
  static final long CENT = 10_000_000_000L;
  static final long RESET = 4_102_444_800_000_000L; // 2100-01-01

  static final Opinion.Binding BUDGET =
      new Opinion.Binding(
          TargetType.RUN,
          "r-1",
          "run-cap",
          "USD",
          true,
          36 * CENT,
          100 * CENT,
          true,
          4 * CENT,
          Long.MAX_VALUE);

  private static final Opinion.Binding DAILY =
      new Opinion.Binding(
          TargetType.AGENT, "support", "daily", "USD", true, 99 * CENT, 100 * CENT, true, 0, RESET);

  volatile Ask asked;
  volatile Part part;
  volatile Change change;

  @Override
  public Opinion ask(Ask ask) {
    asked = ask;
    return switch (ask.rootRunId()) {
      case "throttled" ->
          opinion(
              Decision.THROTTLE,
              cause(null, "cmd-1"),
              new CallCaps(1000L, null, List.of("search"), null, 200L),
              0);
      case "approval" -> opinion(Decision.NEEDS_APPROVAL, cause(DAILY, null), null, 0);
      case "exhausted" -> opinion(Decision.DENY, cause(DAILY, null), null, 0);
      case "stopped" -> opinion(Decision.DENY, cause(null, "cmd-7"), null, 0);
      case "blind" -> opinion(Decision.BLIND, null, null, 0);
      case "moving" -> throw new StoreUnavailable("It is not known who owns it.", null);
      default -> opinion(Decision.ALLOW, null, null, ask.wantsLease() ? ask.lease() : 0);
    };
  }

  private static Opinion opinion(
      Decision decision, Opinion.Cause cause, CallCaps caps, long lease) {
    return new Opinion(
        decision,
        cause,
        caps,
        BUDGET,
        lease,
        lease == 0 ? 0 : RESET,
        decision == Decision.BLIND ? Sight.Control.BLIND_FOR_LONG : Sight.Control.OK);
  }

  private static Opinion.Cause cause(Opinion.Binding exhausted, String commandId) {
    return new Opinion.Cause(
        "Because.", TargetType.AGENT, "support", "daily", "v1", commandId, exhausted, 0);
  }

  @Override
  public void giveBack(Ask ask) {
    asked = ask;
  }

  @Override
  public Opinion ask(Part asked) {
    part = asked;
    return ask(asked.ask());
  }

  @Override
  public void change(Change asked) {
    change = asked;
  }
}
