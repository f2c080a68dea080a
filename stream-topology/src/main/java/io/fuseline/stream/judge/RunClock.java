package io.fuseline.stream.judge;

import io.fuseline.stream.policy.PolicySet;
import java.time.Duration;

/**
 * When a run has to be looked at although no span comes: it goes silent, and later it is forgotten.
 * A run has one deadline at a time, kept in its state; the shell keeps the alarm that goes with it.
 */
public final class RunClock {
  private final RunJudge judge;
  private final long idleMicros;
  private final long retentionMicros;

  /**
   * @param idle a run without a span for this long is silent
   * @param retention a run is forgotten this long after its last span; longer than {@code idle}
   */
  public RunClock(RunJudge judge, Duration idle, Duration retention) {
    this.judge = judge;
    this.idleMicros = micros(idle);
    this.retentionMicros = micros(retention);
  }

  /** What a look at a run has led to. */
  public enum Look {
    /** The deadline was set anew since; this alarm is void. */
    VOID,
    /** Nothing yet: the run's new deadline says when to look again. */
    LATER,
    /**
     * The run has gone silent and its agents have left it; the new deadline says when to forget it.
     */
    SILENT,
    /** The run can be forgotten. */
    FORGET
  }

  /**
   * A span came: sets the deadline of a run that is new or was silent.
   *
   * @return true when the shell has to set the alarm
   */
  public boolean wind(RunState run, long nowMicros) {
    if (run.deadlineMicros() != 0 && run.deadlineMicros() <= nowMicros + idleMicros) {
      return false; // it ticks; a later look finds out how long the run has been silent
    }
    run.setDeadlineMicros(nowMicros + idleMicros);
    return true;
  }

  /**
   * An alarm went off.
   *
   * @param dueMicros the deadline it was set for
   */
  public Look look(
      RunState run,
      String rootRunId,
      long dueMicros,
      PolicySet policies,
      long nowMicros,
      Verdicts out) {
    if (run.deadlineMicros() != dueMicros) {
      return Look.VOID;
    }
    long silentAt = run.lastWallMicros() + idleMicros;
    long forgottenAt = run.lastWallMicros() + retentionMicros;
    if (forgottenAt <= nowMicros) {
      return Look.FORGET;
    }
    if (run.idle() || silentAt > nowMicros) {
      run.setDeadlineMicros(run.idle() ? forgottenAt : silentAt);
      return Look.LATER;
    }
    judge.onIdle(run, rootRunId, policies, nowMicros, out);
    run.setDeadlineMicros(forgottenAt);
    return Look.SILENT;
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1000;
  }
}
