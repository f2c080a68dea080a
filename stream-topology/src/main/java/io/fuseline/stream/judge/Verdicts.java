package io.fuseline.stream.judge;

import io.fuseline.schemas.Alert;
import io.fuseline.schemas.Command;
import java.util.ArrayList;
import java.util.List;

/** What follows from a judgement, in the order in which it has to be sent. */
public final class Verdicts {
  private final List<Command> commands = new ArrayList<>();
  private final List<Alert> alerts = new ArrayList<>();

  private long leakPico;
  private long lookAtMicros = Long.MAX_VALUE;

  /**
   * When the target has to be looked at again although nothing comes, wall clock, epoch
   * microseconds; {@link Long#MAX_VALUE} for not.
   */
  public long lookAtMicros() {
    return lookAtMicros;
  }

  void lookAt(long micros) {
    lookAtMicros = Math.min(lookAtMicros, micros);
  }

  /**
   * What was booked for a target that had been told to stop, in pico-units; reversals are negative.
   */
  public long leakPico() {
    return leakPico;
  }

  void leak(long pico) {
    leakPico += pico;
  }

  public List<Command> commands() {
    return commands;
  }

  public List<Alert> alerts() {
    return alerts;
  }

  public boolean isEmpty() {
    return commands.isEmpty() && alerts.isEmpty() && leakPico == 0;
  }

  public void clear() {
    commands.clear();
    alerts.clear();
    leakPico = 0;
    lookAtMicros = Long.MAX_VALUE;
  }
}
