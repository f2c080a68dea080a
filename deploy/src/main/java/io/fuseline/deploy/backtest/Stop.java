package io.fuseline.deploy.backtest;

import io.fuseline.schemas.Action;
import io.fuseline.schemas.Command;
import io.fuseline.schemas.TargetType;
import io.fuseline.stream.judge.Amount;
import io.fuseline.stream.judge.Times;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One target told to end or to rest, from the command on until a RESTORE lifts it; commands of one
 * episode are one stop.
 */
final class Stop {
  private static final Set<Action> STOPPING =
      Set.of(Action.REQUIRE_APPROVAL, Action.PAUSE, Action.KILL);

  private final Command command;
  private final String detector;
  private final int ordinal;
  private final Map<String, Amount> costAfter = new TreeMap<>();
  private Action action;
  private Instant liftedAt;

  /**
   * @param ordinal rises from stop to stop
   */
  Stop(Command command, String detector, int ordinal) {
    this.command = command;
    this.detector = detector;
    this.ordinal = ordinal;
    this.action = command.getAction();
    if (command.getTargetType() == TargetType.RUN) {
      costAfter.put(rootRunId(), new Amount());
    }
  }

  /** True for actions after which the target does nothing more, at least for now. */
  static boolean isStopping(Action action) {
    return STOPPING.contains(action);
  }

  void escalate(Action to) {
    if (to.compareTo(action) > 0) {
      action = to;
    }
  }

  void lift(Instant at) {
    liftedAt = at;
  }

  /** A span that began before the stop is paid all the same: it is not undone by it. */
  boolean isBefore(long startMicros) {
    return Times.micros(command.getIssuedAt()) <= startMicros;
  }

  /** The run would have been cut short. */
  void hit(String rootRunId) {
    costAfter.computeIfAbsent(rootRunId, run -> new Amount());
  }

  void add(String rootRunId, long pico) {
    costAfter.get(rootRunId).add(pico);
  }

  /**
   * Root runs that were cut short, and what they spent afterwards, as far as no earlier stop held
   * it back.
   */
  Map<String, Amount> costAfter() {
    return costAfter;
  }

  /** The strongest that was sent. */
  Action action() {
    return action;
  }

  int ordinal() {
    return ordinal;
  }

  String policyId() {
    return command.getPolicyId();
  }

  String detector() {
    return detector;
  }

  Command command() {
    return command;
  }

  /** Null while it stands. */
  Instant liftedAt() {
    return liftedAt;
  }

  /** The run of a tree that is meant, when it is not the root run; else null. */
  String part() {
    List<String> roots = command.getRootRunIds();
    return command.getTargetType() == TargetType.RUN && !roots.contains(command.getTarget())
        ? command.getTarget()
        : null;
  }

  private String rootRunId() {
    return command.getRootRunIds().get(0);
  }
}
