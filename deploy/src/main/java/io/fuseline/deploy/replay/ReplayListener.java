package io.fuseline.deploy.replay;

import io.fuseline.stream.judge.RunJudge;
import io.fuseline.stream.judge.Verdicts;
import java.io.IOException;

/** Is told what comes out of a replay, as it comes. */
public interface ReplayListener {
  /** A line could not be used; nothing of it was booked. */
  void onDeadLetter(DeadLetter letter) throws IOException;

  /** A writing changed nothing, because its span had ended before. */
  void onDuplicate();

  /**
   * A writing of a span was booked. Called before any verdict that it gives rise to.
   *
   * @param result what was booked, and what of an earlier writing was undone
   */
  void onSpan(PricedArrival arrival, RunJudge.Result result) throws IOException;

  /** What was decided; valid during the call only. Never empty. */
  void onVerdicts(Verdicts verdicts) throws IOException;
}
