package io.fuseline.deploy.bench;

import java.util.Locale;

/**
 * What follows a span, and how soon, at one rate.
 *
 * @param delivery how the pipeline ran
 * @param rate spans per second that were to be sent
 * @param sentRate spans per second that were sent; lower when the sender could not keep up
 * @param command until the command that a rule on the run sends is in the hands of a consumer that
 *     reads uncommitted
 * @param agentCommand the same of a rule on an agent
 * @param runQuery until an answer about the run knows the span
 * @param scopeQuery until an answer about the span's workflow knows it
 * @param rollup until the workflow's first roll-up is in the hands of a consumer that reads
 *     committed
 */
record Latency(
    Delivery delivery,
    int rate,
    double sentRate,
    Quantiles command,
    Quantiles agentCommand,
    Quantiles runQuery,
    Quantiles scopeQuery,
    Quantiles rollup) {

  /**
   * How a pipeline runs while latencies are measured.
   *
   * @param commitMs between commits, in milliseconds
   */
  record Delivery(boolean exactlyOnce, int commitMs) {
    @Override
    public String toString() {
      return (exactlyOnce ? "exactly once" : "at least once") + ", commit " + commitMs + " ms";
    }
  }

  /**
   * True when what was sent was also worked off: commands came, none of a hundred later than a
   * second.
   */
  boolean isSustained() {
    return sentRate >= 0.97 * rate
        && command.count() > 0
        && command.missing() == 0
        && command.p99Millis() <= 1_000;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d spans/s%s, p50 / p99 / max ms: command %s, of a rule on the agent %s, answer about the run %s, about the workflow %s, roll-up %s",
        delivery,
        rate,
        isSustained() ? "" : " (not sustained)",
        command.toMillis(),
        agentCommand.toMillis(),
        runQuery.toMillis(),
        scopeQuery.toMillis(),
        rollup.toMillis());
  }
}
