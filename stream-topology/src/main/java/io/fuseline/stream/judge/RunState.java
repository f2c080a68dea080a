package io.fuseline.stream.judge;

import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.stream.policy.Subject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is known of one root run: spend per run of its tree, per tool and per step, the detectors'
 * state, its episodes. Bounded: what does not fit is added up under {@value #OTHERS}.
 */
public final class RunState {
  /** Runs, tools and steps kept apart per root run. */
  static final int MAX_RUNS = 2_000;

  static final int MAX_TOOLS = 200;
  static final int MAX_STEPS = 200;

  /** Where the rest is added up. */
  static final String OTHERS = "(other)";

  private static final int VERSION = 1;

  final String tenant;
  final Amount cost = new Amount();
  final Amount bound = new Amount();
  final Map<String, RunNode> nodes = new LinkedHashMap<>();
  final Map<ToolKey, ToolUse> tools = new LinkedHashMap<>();
  final Map<String, Amount> steps = new LinkedHashMap<>();

  /** Agents that have worked on this root run; true while announced to their scope as at work. */
  final Map<String, Boolean> agents = new LinkedHashMap<>();

  /**
   * What policies over the run select on: the root run's own agent; null until it has said
   * something.
   */
  Subject subject;

  EpisodeBook episodes = new EpisodeBook();
  long spans;
  long firstSeen;
  long lastSeen;
  long lastWall;
  boolean idle;
  private long deadline;

  record ToolKey(String agent, String tool) {}

  RunState(String tenant, long eventMicros) {
    this.tenant = tenant;
    firstSeen = eventMicros;
    lastSeen = eventMicros;
  }

  public String tenant() {
    return tenant;
  }

  /** Wall-clock time of the newest span's arrival, epoch microseconds. */
  public long lastWallMicros() {
    return lastWall;
  }

  /** When the run is looked at next, wall clock, epoch microseconds; 0 before the first time. */
  public long deadlineMicros() {
    return deadline;
  }

  public void setDeadlineMicros(long deadlineMicros) {
    deadline = deadlineMicros;
  }

  public boolean hasOpenEpisodes() {
    return !episodes.open().isEmpty();
  }

  public boolean idle() {
    return idle;
  }

  /**
   * Why the span cannot be booked on this run: it is another tenant's. Null when it can.
   *
   * @return what was wrong, where, what was expected, what to do
   */
  public String refusal(CheckedSpan.Accepted span) {
    return tenant.equals(span.tenant())
        ? null
        : "Span %s of tenant %s names root run %s, which belongs to another tenant. Root run ids must be unique; use a UUID."
            .formatted(span.span().getSpanId(), span.tenant(), span.rootRunId());
  }

  /** Cost and conservative bound together: what budgets are held against. */
  Amount exposure() {
    Amount sum = cost.copy();
    sum.add(bound);
    return sum;
  }

  RunNode node(String runId, String parentRunId, String agent, long eventMicros) {
    RunNode known = nodes.get(runId);
    if (known == null) {
      String key = nodes.size() < MAX_RUNS ? runId : OTHERS;
      known = nodes.computeIfAbsent(key, k -> new RunNode(parentRunId, agent, eventMicros));
    } else if (known.parentRunId == null) {
      known.parentRunId = parentRunId;
    }
    known.see(eventMicros);
    return known;
  }

  /** False when the run is added up with others: its calls then prove nothing about it alone. */
  boolean keepsRun(String runId) {
    return nodes.containsKey(runId);
  }

  /** False when the tool's use is added up with that of others. */
  boolean keepsTool(String agent, String tool) {
    return tools.containsKey(new ToolKey(agent, tool));
  }

  /** Announces the agent; false when it is announced already, or too many agents are. */
  boolean join(String agent) {
    return (agents.containsKey(agent) || agents.size() < MAX_RUNS)
        && !Boolean.TRUE.equals(agents.put(agent, true));
  }

  /** No agent is at work any more. */
  void leaveAll() {
    agents.replaceAll((agent, present) -> false);
  }

  ToolUse tool(String agent, String tool) {
    ToolKey key = new ToolKey(agent, tool);
    ToolUse known = tools.get(key);
    if (known != null) {
      return known;
    }
    ToolKey kept = tools.size() < MAX_TOOLS ? key : new ToolKey(OTHERS, OTHERS);
    return tools.computeIfAbsent(kept, k -> new ToolUse());
  }

  Amount step(String step) {
    Amount known = steps.get(step);
    if (known != null) {
      return known;
    }
    return steps.computeIfAbsent(steps.size() < MAX_STEPS ? step : OTHERS, s -> new Amount());
  }

  /** Agents that have worked on this root run. */
  public Set<String> agents() {
    return Set.copyOf(agents.keySet());
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(512);
    out.raw(VERSION);
    out.text(tenant);
    cost.write(out);
    bound.write(out);
    out.varint(spans);
    out.varint(firstSeen);
    out.varint(lastSeen);
    out.varint(lastWall);
    out.bool(idle);
    out.varint(deadline);
    out.bool(subject != null);
    if (subject != null) {
      out.subject(subject);
    }
    out.varint(agents.size());
    agents.forEach(
        (agent, present) -> {
          out.text(agent);
          out.bool(present);
        });
    out.varint(nodes.size());
    nodes.forEach(
        (runId, node) -> {
          out.text(runId);
          node.write(out);
        });
    out.varint(tools.size());
    tools.forEach(
        (key, use) -> {
          out.text(key.agent());
          out.text(key.tool());
          use.write(out);
        });
    out.varint(steps.size());
    steps.forEach(
        (step, amount) -> {
          out.text(step);
          amount.write(out);
        });
    episodes.write(out);
    return out.toBytes();
  }

  public static RunState fromBytes(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A run");
    RunState run = new RunState(in.text(), 0);
    run.cost.add(Amount.read(in));
    run.bound.add(Amount.read(in));
    run.spans = in.varint();
    run.firstSeen = in.varint();
    run.lastSeen = in.varint();
    run.lastWall = in.varint();
    run.idle = in.bool();
    run.deadline = in.varint();
    run.subject = in.bool() ? in.subject() : null;
    for (int i = in.count(); i > 0; i--) {
      run.agents.put(in.text(), in.bool());
    }
    for (int i = in.count(); i > 0; i--) {
      run.nodes.put(in.text(), RunNode.read(in));
    }
    for (int i = in.count(); i > 0; i--) {
      run.tools.put(new ToolKey(in.text(), in.text()), ToolUse.read(in));
    }
    for (int i = in.count(); i > 0; i--) {
      run.steps.put(in.text(), Amount.read(in));
    }
    run.episodes = EpisodeBook.read(in);
    return run;
  }
}
