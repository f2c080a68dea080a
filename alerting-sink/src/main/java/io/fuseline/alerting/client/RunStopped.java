package io.fuseline.alerting.client;

import io.fuseline.schemas.Command;

/**
 * The run must not take another step: it was killed, or a pause outlasted the time the runtime is
 * willing to wait.
 */
public final class RunStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Command command;

  RunStopped(String rootRunId, Command command, String why) {
    super(
        "Run "
            + rootRunId
            + " "
            + why
            + " ("
            + command.getAction()
            + " "
            + command.getCommandId()
            + " of policy "
            + command.getPolicyId()
            + "): "
            + command.getReason());
    this.command = command;
  }

  /** The command that stopped it; null after deserialization of this exception. */
  public Command command() {
    return command;
  }
}
