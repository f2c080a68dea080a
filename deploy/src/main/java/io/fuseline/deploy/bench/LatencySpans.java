package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;

/**
 * The spans of a latency run, in the order in which they are due. Among sound runs, up to {@value
 * #LOOPS_PER_SECOND} times a second a run begins that makes the same tool call three times; its
 * third call is the breach, and brings a KILL. About {@value #PROBES_PER_SECOND} times a second a
 * span is the first of its run, its workflow and its agent, for which a rule holds that is reached
 * at once.
 *
 * <p>They are encoded before the first is sent: what the sender does meanwhile is taken from the
 * pipeline where both share a machine.
 */
final class LatencySpans {
  static final int LOOPS_PER_SECOND = 50;
  static final int PROBES_PER_SECOND = 4;

  /** A looping run has places 0, 7 and 14 of so many spans; a probe stands in place 3. */
  private static final int BLOCK = 20;

  private static final int CALLS_APART = 7;
  private static final int CALLS = 3;
  private static final int PROBE_AT = 3;

  /** What agents that are asked for are called; {@link #AGENT_RULE} holds for them alone. */
  private static final String PROBE = "probe-";

  /**
   * A rule on an agent, not on a run: what it adds up crosses a topic that is read committed before
   * anybody judges it.
   */
  static final String AGENT_RULE =
      """
      id: bench-first-call-of-agent
      match: {agent: "%s*"}
      rule: {type: budget, per: agent, of: tool-calls, window: hour, limit: 1}
      ladder: [{at: 100%%, action: kill}]
      """
          .formatted(PROBE);

  private final Function<AgentSpan, byte[]> encode;
  private long loops;
  private long probes;

  /** What is waited for once a span is sent. */
  enum Follows {
    NOTHING,
    /** A KILL of the run. */
    KILL,
    /** A KILL of the agent, a roll-up of the workflow, and an answer about the run. */
    ANSWER_ABOUT_RUN,
    /** The same, but an answer about the workflow. */
    ANSWER_ABOUT_WORKFLOW
  }

  /**
   * @param run root run of the span; a probe's agent and workflow have the same name
   * @param span encoded
   */
  record Shot(String run, byte[] span, Follows follows) {}

  LatencySpans(Function<AgentSpan, byte[]> encode) {
    this.encode = encode;
  }

  /**
   * @param from event time of the first
   * @param perSecond 1 or more
   * @param time they take, sent at this rate
   */
  List<Shot> next(Instant from, int perSecond, Duration time) {
    int spans = Math.toIntExact(time.toMillis() * perSecond / 1_000);
    Workload workload =
        new Workload(
            from.toEpochMilli(),
            WorkloadShape.DEFAULT,
            "sound-" + from.toEpochMilli(),
            spans,
            from,
            from.plus(time));
    int loopEvery = blocks(perSecond, LOOPS_PER_SECOND) * BLOCK;
    int probeEvery = blocks(perSecond, PROBES_PER_SECOND) * BLOCK;
    List<Shot> shots = new ArrayList<>(spans);
    AgentSpan looping = null;
    for (int slot = 0; slot < spans; slot++) {
      AgentSpan sound = workload.next();
      int call = slot % loopEvery / CALLS_APART;
      if (slot % probeEvery == PROBE_AT) {
        shots.add(probe(sound));
      } else if (slot % loopEvery % CALLS_APART == 0 && call < CALLS) {
        looping = call == 0 ? sound : looping;
        loops += call == 0 ? 1 : 0;
        shots.add(loop(sound, looping, call == CALLS - 1));
      } else {
        shots.add(new Shot(sound.getRootRunId(), encode.apply(sound), Follows.NOTHING));
      }
    }
    return shots;
  }

  /** One place in how many blocks makes so many a second; all of them when that is not enough. */
  private static int blocks(int perSecond, int wanted) {
    return Math.max(1, perSecond / wanted / BLOCK);
  }

  private Shot loop(AgentSpan sound, AgentSpan looping, boolean last) {
    String run = "loop-" + loops;
    AgentSpan span =
        call(AgentSpan.newBuilder(looping), run)
            .setSpanId(sound.getSpanId())
            .setStartTime(sound.getStartTime())
            .setEndTime(sound.getEndTime())
            .setArgumentHash(loops)
            .setResultHash(loops)
            .build();
    return new Shot(run, encode.apply(span), last ? Follows.KILL : Follows.NOTHING);
  }

  private Shot probe(AgentSpan sound) {
    String name = PROBE + ++probes;
    AgentSpan span =
        call(AgentSpan.newBuilder(sound), name)
            .setAgentId(name)
            .setWorkflow(name)
            .setTenantId("tenant-0")
            .setArgumentHash(probes)
            .setResultHash(probes)
            .build();
    return new Shot(
        name,
        encode.apply(span),
        probes % 2 == 0 ? Follows.ANSWER_ABOUT_RUN : Follows.ANSWER_ABOUT_WORKFLOW);
  }

  private static AgentSpan.Builder call(AgentSpan.Builder span, String run) {
    return span.setParentSpanId(null)
        .setRunId(run)
        .setRootRunId(run)
        .setKind(SpanKind.TOOL)
        .setProvider("local")
        .setResponseModel(null)
        .setResponseId(null)
        .setUsage(new HashMap<>())
        .setToolName("search");
  }
}
