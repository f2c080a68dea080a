package io.fuseline.alerting.client;

import io.fuseline.schemas.Caps;
import io.fuseline.schemas.Command;

/**
 * What a runtime does when a command arrives for a run or an agent it watches.
 *
 * <p>Each method is called at most once per command, in rising epochs, one call at a time per
 * watch, never on the thread that reads commands. It should return as soon as the command is
 * obeyed: the answer is written when it returns, and a missing answer at {@code Command.deadline}
 * escalates. Throwing is answered with REFUSED and the exception's message.
 *
 * <p>The defaults suit a runtime that calls {@link KillSwitch#checkpoint} before each step; one
 * that does not must override them, or it would promise what it does not do.
 */
@FunctionalInterface
public interface StopHandler {

  /** End the run for good. */
  Ack onKill(Command command) throws Exception;

  /** Rest, keeping state, until {@link #onRestore}. */
  default Ack onPause(Command command) throws Exception {
    return Ack.partial("rests from its next checkpoint");
  }

  /** Rest until a person has approved, which arrives as {@link #onRestore}. */
  default Ack onApprovalRequired(Command command) throws Exception {
    return onPause(command);
  }

  /**
   * Go on within limits.
   *
   * @param caps the limits of this command alone; {@link KillSwitch#caps} has all that hold
   *     together
   */
  default Ack onThrottle(Command command, Caps caps) throws Exception {
    return Ack.partial("caps are handed out at its next checkpoint");
  }

  /**
   * A PAUSE, THROTTLE or KILL was undone; {@code command.getReverses()} says which, null means all.
   * A runtime that cannot take up a killed run again answers REFUSED.
   */
  default Ack onRestore(Command command) throws Exception {
    return Ack.applied();
  }
}
