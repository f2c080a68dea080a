package io.fuseline.deploy.chaos;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Who spends what, act by act. Amounts come out to the last digit: whatever the order in which the
 * spans of an act are processed, the last of them is the one that reaches the limit.
 */
final class Script {
  /** Price of an output token of {@link #MODEL} in the shipped list, USD. */
  static final BigDecimal OUTPUT_USD = new BigDecimal("0.000025");

  static final String MODEL = "claude-opus-4-5";

  /** Agents that reach 150 % of the preset's 200 USD within half an hour. */
  static final int FAST = 6;

  /** Agents that take longer than an hour from 100 % to 150 %. */
  static final int SLOW = 3;

  /** Runs that reach their cap of 20 USD. */
  static final int CAPPED = 12;

  /** Runs that make the same call again and again. */
  static final int LOOPS = 6;

  /** Runs that are paused at 5 USD. */
  static final int RESTING = 4;

  /** By how much the caps of fast agents and of resting runs are raised, USD. */
  static final BigDecimal AGENT_RAISE = new BigDecimal("150");

  static final BigDecimal RUN_RAISE = new BigDecimal("5");

  private static final int HEALTHY_AGENTS = 40;
  private static final int SPANS_PER_HEALTHY_RUN = 30;
  private static final int RUNS_PER_FAST_AGENT = 3;
  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  private final Random random;
  private final Instant start;
  private int ids;

  /**
   * @param start the present; what is spent "now" is spent in the minute before it
   */
  Script(Random random, Instant start) {
    this.random = random;
    this.start = start;
  }

  /** All limits are reached. */
  List<AgentSpan> breaches() {
    List<AgentSpan> spans = new ArrayList<>();
    for (int i = 0; i < FAST; i++) {
      spans.addAll(agentSpends("fast-" + i, "300", 60, start.minus(HALF_AN_HOUR), HALF_AN_HOUR));
    }
    for (int i = 0; i < SLOW; i++) {
      Instant longAgo = start.minus(Duration.ofMinutes(80));
      spans.addAll(agentSpends("slow-" + i, "200", 40, longAgo, A_MINUTE.multipliedBy(10)));
    }
    for (int i = 0; i < CAPPED; i++) {
      spans.addAll(runSpends("capped", i, "20", 22, start.minus(HALF_AN_HOUR), HALF_AN_HOUR));
    }
    for (int i = 0; i < LOOPS; i++) {
      for (int call = 0; call < 6; call++) {
        spans.add(
            span("loop-" + i, "loop-agent-" + i, "", within(start, A_MINUTE))
                .setKind(SpanKind.TOOL)
                .setProvider("local")
                .setToolName("search")
                .setArgumentHash(1L)
                .setResultHash(1L)
                .build());
      }
    }
    for (int i = 0; i < RESTING; i++) {
      spans.addAll(runSpends("resting", i, "5", 10, start.minus(HALF_AN_HOUR), HALF_AN_HOUR));
    }
    return spans;
  }

  /** Those who were told to stop go on; slow agents reach 150 %, too late for a stop. */
  List<AgentSpan> leaks() {
    List<AgentSpan> spans = new ArrayList<>();
    for (int i = 0; i < FAST; i++) {
      spans.addAll(agentSpends("fast-" + i, fastLeak(), 10, start, A_MINUTE));
    }
    for (int i = 0; i < SLOW; i++) {
      spans.addAll(agentSpends("slow-" + i, "110", 20, start, A_MINUTE));
    }
    for (int i = 0; i < CAPPED; i++) {
      spans.addAll(runSpends("capped", i, runLeak(), 4, start, A_MINUTE));
    }
    for (int i = 0; i < LOOPS; i++) {
      spans.addAll(runSpends("loop", i, runLeak(), 4, start, A_MINUTE));
    }
    for (int i = 0; i < RESTING; i++) {
      spans.addAll(runSpends("resting", i, runLeak(), 4, start, A_MINUTE));
    }
    return spans;
  }

  static String fastLeak() {
    return "10";
  }

  static String runLeak() {
    return "0.5";
  }

  /**
   * Spans of before the restore that come after it: some of agents and runs that stay under their
   * raised caps, some of those that go over them.
   */
  List<AgentSpan> stale() {
    Instant before = start.minus(A_MINUTE);
    List<AgentSpan> spans = new ArrayList<>();
    spans.addAll(agentSpends("fast-2", "20", 10, before, A_MINUTE));
    spans.addAll(agentSpends("fast-3", "20", 10, before, A_MINUTE));
    spans.addAll(agentSpends("fast-4", "320", 10, before, A_MINUTE));
    spans.addAll(agentSpends("fast-5", "320", 10, before, A_MINUTE));
    spans.addAll(runSpends("resting", 0, "6", 3, before, A_MINUTE));
    return spans;
  }

  /**
   * Work after the restore. {@code fast-2} and {@code resting-1} stay within the new headroom;
   * {@code fast-3} and {@code resting-2} use it up to the last digit; {@code fast-5} had been over
   * it before, as is found at its first new span; {@code fast-4} and {@code resting-0} rest.
   *
   * @param now event time of the newest
   */
  List<AgentSpan> afterRestore(Instant now) {
    List<AgentSpan> spans = new ArrayList<>();
    spans.addAll(agentSpends("fast-2", "10", 10, now, Duration.ofMillis(1)));
    spans.addAll(agentSpends("fast-3", "120", 20, now, Duration.ofMillis(1)));
    spans.addAll(agentSpends("fast-5", "0.01", 1, now, Duration.ofMillis(1)));
    spans.addAll(runSpends("resting", 1, "1", 4, now, Duration.ofMillis(1)));
    spans.addAll(runSpends("resting", 2, "4.5", 4, now, Duration.ofMillis(1)));
    return spans;
  }

  /** Runs that break no rule; some spans are days late, some models have no price. */
  List<AgentSpan> healthy(int count) {
    List<AgentSpan> spans = new ArrayList<>();
    String run = "";
    int agent = 0;
    for (int i = 0; i < count; i++) {
      if (i % SPANS_PER_HEALTHY_RUN == 0) {
        run = "healthy-" + ids++;
        agent = random.nextInt(HEALTHY_AGENTS);
      }
      Instant time = within(start.minus(Duration.ofDays(agent % 3)), HALF_AN_HOUR);
      AgentSpan.Builder span = span(run, "worker-" + agent, "", time);
      if (i % 3 == 2) {
        span.setKind(SpanKind.TOOL)
            .setProvider("local")
            .setToolName("search")
            .setArgumentHash(random.nextLong())
            .setResultHash(random.nextLong());
      } else {
        span.setKind(SpanKind.LLM)
            .setProvider("anthropic")
            .setResponseModel(random.nextInt(23) == 0 ? "a-model-without-a-price" : MODEL)
            .setUsage(
                Map.of(
                    "input_tokens", (long) random.nextInt(2_000),
                    "output_tokens", (long) random.nextInt(100),
                    "cache_read_tokens", (long) random.nextInt(20_000),
                    "cache_write_5m_tokens", (long) random.nextInt(500)));
      }
      spans.add(span.build());
    }
    return spans;
  }

  private List<AgentSpan> agentSpends(
      String agent, String usd, int spans, Instant until, Duration length) {
    List<AgentSpan> all = new ArrayList<>();
    for (long tokens : shares(usd, spans)) {
      String run = agent + "-run-" + random.nextInt(RUNS_PER_FAST_AGENT);
      all.add(modelCall(span(run, agent, "", within(until, length)), tokens));
    }
    return all;
  }

  private List<AgentSpan> runSpends(
      String kind, int number, String usd, int spans, Instant until, Duration length) {
    List<AgentSpan> all = new ArrayList<>();
    for (long tokens : shares(usd, spans)) {
      AgentSpan.Builder span =
          span(kind + "-" + number, kind + "-agent-" + number, kind, within(until, length));
      all.add(modelCall(span, tokens));
    }
    return all;
  }

  /** Random parts over 0 whose sum is worth the amount. */
  private long[] shares(String usd, int parts) {
    long left = new BigDecimal(usd).divide(OUTPUT_USD).longValueExact();
    long[] shares = new long[parts];
    for (int i = 0; i < parts - 1; i++) {
      long mean = left / (parts - i);
      shares[i] = mean / 2 + random.nextLong(mean);
      left -= shares[i];
    }
    shares[parts - 1] = left;
    return shares;
  }

  private static AgentSpan modelCall(AgentSpan.Builder span, long outputTokens) {
    return span.setKind(SpanKind.LLM)
        .setProvider("anthropic")
        .setResponseModel(MODEL)
        .setUsage(Map.of("output_tokens", outputTokens))
        .build();
  }

  private AgentSpan.Builder span(String run, String agent, String workflow, Instant time) {
    return AgentSpan.newBuilder()
        .setSpanId("span-" + ids++)
        .setRunId(run)
        .setRootRunId(run)
        .setAgentId(agent)
        .setWorkflow(workflow.isEmpty() ? null : workflow)
        .setEndTime(time);
  }

  private Instant within(Instant until, Duration length) {
    return until.minusMillis(random.nextLong(length.toMillis()));
  }
}
