package io.fuseline.stream.judge;

import io.fuseline.stream.policy.Scale;

/**
 * How what one run's model calls read and write develops: calls in a row that read more and write
 * less than the one before, and how much of the output is reasoning. Fixed size.
 */
final class TokenTrend {
  /** No trend is longer than this. */
  static final int MAX_BYTES = 5 * 10;

  /** Each call leaves this part of what came before: some eight calls count. */
  private static final int KEPT_EIGHTHS = 7;

  private long lastInput;
  private long lastOutput;
  private int streak;
  private long output;
  private long reasoning;

  /** One more model call has ended. */
  void add(SpanSigns signs) {
    boolean accelerates =
        signs.inputTokens() > lastInput && signs.outputTokens() < lastOutput && lastInput > 0;
    streak = accelerates ? streak + 1 : 0;
    lastInput = signs.inputTokens();
    lastOutput = signs.outputTokens();
    output = output * KEPT_EIGHTHS / 8 + signs.outputTokens();
    reasoning = reasoning * KEPT_EIGHTHS / 8 + signs.reasoningTokens();
  }

  /** Calls in a row, the first of them one that the others follow; 0 when there is no trend. */
  int acceleratingCalls() {
    return streak == 0 ? 0 : streak + 1;
  }

  /** Tokens that the newest call read. */
  long input() {
    return lastInput;
  }

  /** Tokens that the newest call wrote. */
  long output() {
    return lastOutput;
  }

  /**
   * Reasoning as a part of output, in the thresholds' {@linkplain Scale#PERCENT scale}; 0 under the
   * floor.
   */
  long reasoningShare(long floorTokens) {
    return output < floorTokens || output == 0 ? 0 : reasoning * 100_0000 / output;
  }

  void write(BinaryOut out) {
    out.varint(lastInput);
    out.varint(lastOutput);
    out.varint(streak);
    out.varint(output);
    out.varint(reasoning);
  }

  static TokenTrend read(BinaryIn in) {
    TokenTrend trend = new TokenTrend();
    trend.lastInput = in.varint();
    trend.lastOutput = in.varint();
    trend.streak = in.count();
    trend.output = in.varint();
    trend.reasoning = in.varint();
    return trend;
  }
}
