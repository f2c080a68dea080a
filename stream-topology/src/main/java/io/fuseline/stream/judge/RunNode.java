package io.fuseline.stream.judge;

/**
 * One run (one execution of one agent) in a delegation tree. Times are epoch microseconds of event
 * time.
 */
final class RunNode {
  private static final int WINDOW = 1;
  private static final int TREND = 2;

  String parentRunId;
  final String agent;
  final Amount cost;

  /** Conservative bound of usage without a price. */
  final Amount bound = new Amount();

  /** Cost and conservative bound of this run and of all the runs below it. */
  Amount tree = new Amount();

  CycleState cycle;
  long spans;
  long firstSeen;
  long lastSeen;

  /** Null until a detector that needs it applies. */
  CallWindow window;

  /** Null until a detector that needs it applies. */
  TokenTrend trend;

  RunNode(String parentRunId, String agent, long seen) {
    this(parentRunId, agent, new Amount(), new CycleState());
    firstSeen = seen;
    lastSeen = seen;
  }

  private RunNode(String parentRunId, String agent, Amount cost, CycleState cycle) {
    this.parentRunId = parentRunId;
    this.agent = agent;
    this.cost = cost;
    this.cycle = cycle;
  }

  void see(long eventMicros) {
    firstSeen = Math.min(firstSeen, eventMicros);
    lastSeen = Math.max(lastSeen, eventMicros);
  }

  void write(BinaryOut out) {
    out.text(parentRunId);
    out.text(agent);
    cost.write(out);
    cycle.write(out);
    out.varint(spans);
    out.varint(firstSeen);
    out.varint(lastSeen);
    bound.write(out);
    tree.write(out);
    out.raw((window != null ? WINDOW : 0) | (trend != null ? TREND : 0));
    if (window != null) {
      window.write(out);
    }
    if (trend != null) {
      trend.write(out);
    }
  }

  static RunNode read(BinaryIn in) {
    RunNode node = new RunNode(in.text(), in.text(), Amount.read(in), CycleState.read(in));
    node.spans = in.varint();
    node.firstSeen = in.varint();
    node.lastSeen = in.varint();
    if (!in.isBefore(4)) {
      node.bound.add(Amount.read(in));
      node.tree = Amount.read(in);
    }
    int more = in.isBefore(5) ? 0 : in.raw();
    node.window = (more & WINDOW) == 0 ? null : CallWindow.read(in);
    node.trend = (more & TREND) == 0 ? null : TokenTrend.read(in);
    return node;
  }
}
