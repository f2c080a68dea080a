package io.fuseline.stream.judge;

import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.stream.policy.Subject;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of one root run: spend per run of its tree, per tool and per step, the detectors'
 * state, its episodes. Bounded: what does not fit is added up under {@value #OTHERS}.
 */
public final class RunState {
  /** Runs, tools and steps kept apart per root run at most; see {@link #MAX_BYTES}. */
  static final int MAX_RUNS = 2_000;

  static final int MAX_TOOLS = 200;
  static final int MAX_STEPS = 200;

  /**
   * Bytes of names and detectors kept apart per root run, so that with its episodes the state stays
   * under the 1 MiB that a changelog takes, however long the names are.
   */
  static final int MAX_BYTES = 800 << 10;

  private static final int NODE_BYTES = 96 + CycleState.MAX_BYTES;
  private static final int TOOL_BYTES = 80;
  private static final int STEP_BYTES = 24;
  private static final int AGENT_BYTES = 4;

  /** Where the rest is added up. */
  static final String OTHERS = "(other)";

  private static final int VERSION = 8;

  final String tenant;
  final Amount cost = new Amount();
  final Amount listCost = new Amount();
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

  /** Calls of all runs of the tree together; null while only one of them has a window. */
  CallWindow treeWindow;

  /** Spans that were opened and have not ended. */
  int openSpans;

  EpisodeBook episodes = new EpisodeBook();

  /** Null until the first outcome. */
  RunOutcomes outcomes;

  long spans;
  long llmCalls;
  long toolCalls;
  long tokens;
  long firstSeen;
  long lastSeen;
  long lastWall;
  boolean idle;
  private long deadline;

  /** Null when the run was read from bytes that do not tell. */
  private SeenSpans seenSpans;

  /** Bytes kept apart so far; follows from what is kept. */
  private int weight;

  record ToolKey(String agent, String tool) {
    @Override
    public int hashCode() {
      return agent.hashCode() * 31 + tool.hashCode();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ToolKey key && tool.equals(key.tool) && agent.equals(key.agent);
    }
  }

  RunState(String tenant, long eventMicros) {
    this.tenant = tenant;
    firstSeen = eventMicros;
    lastSeen = eventMicros;
  }

  /** A run that was never stored: of its spans all are known that come from here on. */
  static RunState opened(String tenant, long eventMicros) {
    RunState run = new RunState(tenant, eventMicros);
    run.seenSpans = new SeenSpans();
    return run;
  }

  /** False when nothing was booked under the key of a span or response, for certain. */
  public boolean mayHaveSeen(String key) {
    return seenSpans == null || seenSpans.mayHold(key);
  }

  /** Something is booked under the key of a span or response. */
  public void see(String key) {
    if (seenSpans != null) {
      seenSpans.add(key);
    }
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

  /** Why an outcome cannot be counted on this run: it is another tenant's. Null when it can. */
  public String refusal(CheckedOutcome.Accepted outcome) {
    return tenant.equals(outcome.tenant())
        ? null
        : "Outcome %s of tenant %s names root run %s, which belongs to another tenant. Root run ids must be unique; use a UUID."
            .formatted(outcome.outcomeId(), outcome.tenant(), outcome.rootRunId());
  }

  /** Cost and conservative bound together: what budgets are held against. */
  Amount exposure() {
    Amount sum = cost.copy();
    sum.add(bound);
    return sum;
  }

  RunNode node(String runId, String parentRunId, String agent, long eventMicros) {
    RunNode known = nodes.get(runId);
    boolean linked = false;
    if (known == null) {
      linked = hasChildren(runId);
      String key =
          fits(nodes.size(), MAX_RUNS, NODE_BYTES, runId, parentRunId, agent) ? runId : OTHERS;
      known = nodes.computeIfAbsent(key, k -> new RunNode(parentRunId, agent, eventMicros));
    } else if (known.parentRunId == null && fits(0, 1, 0, parentRunId)) {
      known.parentRunId = parentRunId;
      linked = parentRunId != null && !known.tree.isZero();
    }
    known.see(eventMicros);
    if (linked) {
      addUpTrees();
    }
    return known;
  }

  /** True when runs that name this one as their parent came before it. */
  private boolean hasChildren(String runId) {
    for (RunNode node : nodes.values()) {
      if (runId.equals(node.parentRunId)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds what a run has spent to the trees of the run and of every run above it, at once.
   *
   * @param node the run, or the others that are added up together, which stand below the root alone
   */
  void addToTrees(RunNode node, String rootRunId, long pico) {
    if (pico == 0) {
      return;
    }
    node.tree.add(pico);
    if (node == nodes.get(OTHERS)) {
      RunNode root = nodes.get(rootRunId);
      if (root != null && root != node) {
        root.tree.add(pico);
      }
      return;
    }
    for (RunNode above : above(node)) {
      above.tree.add(pico);
    }
  }

  /** The runs above a run, nearest first; ends where runs name each other as parents. */
  List<RunNode> above(RunNode node) {
    List<RunNode> path = new ArrayList<>();
    RunNode at = node.parentRunId == null ? null : nodes.get(node.parentRunId);
    while (at != null && at != node && path.size() < MAX_RUNS) {
      path.add(at);
      at = at.parentRunId == null ? null : nodes.get(at.parentRunId);
    }
    return path.size() < MAX_RUNS ? path : List.of();
  }

  /** Id of a run that is kept apart; null for the others. */
  String idOf(RunNode wanted) {
    for (Map.Entry<String, RunNode> entry : nodes.entrySet()) {
      if (entry.getValue() == wanted) {
        return entry.getKey().equals(OTHERS) ? null : entry.getKey();
      }
    }
    return null;
  }

  /** The window of one run's calls; null when there is no room for one. */
  CallWindow window(RunNode node) {
    if (node.window == null && fits(0, 1, CallWindow.MAX_BYTES)) {
      CallWindow first = treeWindow == null ? onlyWindow() : null;
      if (first != null && fits(0, 1, CallWindow.MAX_BYTES)) {
        treeWindow = first.copy();
      }
      node.window = new CallWindow();
    }
    return node.window;
  }

  private CallWindow onlyWindow() {
    for (RunNode node : nodes.values()) {
      if (node.window != null) {
        return node.window;
      }
    }
    return null;
  }

  /** Adds all trees up anew: a run has come to know whose it is, or came after its children. */
  private void addUpTrees() {
    IdentityHashMap<RunNode, Amount> own = new IdentityHashMap<>();
    for (RunNode node : nodes.values()) {
      Amount mine = node.cost.copy();
      mine.add(node.bound);
      own.put(node, mine);
    }
    for (RunNode node : nodes.values()) {
      node.tree = own.get(node).copy();
    }
    RunNode others = nodes.get(OTHERS);
    for (RunNode node : nodes.values()) {
      if (node != others) {
        above(node).forEach(above -> above.tree.add(own.get(node)));
      } else {
        nodes.values().stream()
            .filter(root -> root != others && root.parentRunId == null)
            .findFirst()
            .ifPresent(root -> root.tree.add(own.get(others)));
      }
    }
  }

  /** How one run's model calls develop; null when there is no room for it. */
  TokenTrend trend(RunNode node) {
    if (node.trend == null && fits(0, 1, TokenTrend.MAX_BYTES)) {
      node.trend = new TokenTrend();
    }
    return node.trend;
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
    Boolean present = agents.get(agent);
    if (Boolean.TRUE.equals(present)
        || present == null && !fits(agents.size(), MAX_RUNS, AGENT_BYTES, agent)) {
      return false;
    }
    agents.put(agent, true);
    return true;
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
    ToolKey kept =
        fits(tools.size(), MAX_TOOLS, TOOL_BYTES, agent, tool) ? key : new ToolKey(OTHERS, OTHERS);
    return tools.computeIfAbsent(kept, k -> new ToolUse());
  }

  Amount step(String step) {
    Amount known = steps.get(step);
    if (known != null) {
      return known;
    }
    String kept = fits(steps.size(), MAX_STEPS, STEP_BYTES, step) ? step : OTHERS;
    return steps.computeIfAbsent(kept, s -> new Amount());
  }

  /** Agents that have worked on this root run. */
  public Set<String> agents() {
    return Set.copyOf(agents.keySet());
  }

  /** Takes the room for one more entry, if there is any. */
  private boolean fits(int entries, int most, int fixed, String... names) {
    if (entries >= most) {
      return false;
    }
    int more = weigh(fixed, names);
    if (weight + more > MAX_BYTES) {
      return false;
    }
    weight += more;
    return true;
  }

  private static int weigh(int fixed, String... names) {
    int bytes = fixed;
    for (String name : names) {
      bytes += Utf8.bytes(name);
    }
    return bytes;
  }

  /** What is kept says how much room it takes; what is added up under OTHERS takes none. */
  private int weighAll() {
    int sum = treeWindow == null ? 0 : CallWindow.MAX_BYTES;
    for (Map.Entry<String, RunNode> entry : nodes.entrySet()) {
      RunNode node = entry.getValue();
      if (!entry.getKey().equals(OTHERS)) {
        sum += weigh(NODE_BYTES, entry.getKey(), node.parentRunId, node.agent);
      }
      sum += node.window == null ? 0 : CallWindow.MAX_BYTES;
      sum += node.trend == null ? 0 : TokenTrend.MAX_BYTES;
    }
    for (ToolKey key : tools.keySet()) {
      sum += key.agent().equals(OTHERS) ? 0 : weigh(TOOL_BYTES, key.agent(), key.tool());
    }
    for (String step : steps.keySet()) {
      sum += step.equals(OTHERS) ? 0 : weigh(STEP_BYTES, step);
    }
    for (String agent : agents.keySet()) {
      sum += weigh(AGENT_BYTES, agent);
    }
    return sum;
  }

  public byte[] toBytes() {
    BinaryOut out = new BinaryOut(512);
    out.raw(VERSION);
    out.text(tenant);
    cost.write(out);
    listCost.write(out);
    bound.write(out);
    out.varint(spans);
    out.zigzag(llmCalls);
    out.zigzag(toolCalls);
    out.zigzag(tokens);
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
    out.varint(openSpans);
    out.bool(treeWindow != null);
    if (treeWindow != null) {
      treeWindow.write(out);
    }
    out.bool(outcomes != null);
    if (outcomes != null) {
      outcomes.write(out);
    }
    SeenSpans.write(seenSpans, out);
    return out.toBytes();
  }

  public static RunState fromBytes(byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    BinaryIn in = BinaryIn.open(bytes, VERSION, "A run");
    RunState run = new RunState(in.text(), 0);
    run.cost.add(Amount.read(in));
    // Format 1 knew no contracts: list cost and cost were the same.
    run.listCost.add(in.version() == 1 ? run.cost : Amount.read(in));
    run.bound.add(Amount.read(in));
    run.spans = in.varint();
    if (!in.isBefore(4)) { // a run under way counts from here on
      run.llmCalls = in.zigzag();
      run.toolCalls = in.zigzag();
      run.tokens = in.zigzag();
    }
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
    if (in.isBefore(4)) {
      run.addUpTrees();
    }
    if (!in.isBefore(5)) {
      run.openSpans = in.count();
      run.treeWindow = in.bool() ? CallWindow.read(in) : null;
    }
    run.outcomes = !in.isBefore(6) && in.bool() ? RunOutcomes.read(in) : null;
    run.seenSpans = in.isBefore(8) ? null : SeenSpans.read(in);
    run.weight = run.weighAll();
    return run;
  }
}
